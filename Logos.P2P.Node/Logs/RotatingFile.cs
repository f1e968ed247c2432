using System.Globalization;

namespace Logos.P2P.Node.Logs;

/// <summary>
/// A file that is put aside when it has become large: <c>debug.log</c> becomes <c>debug.log.1</c>, that becomes <c>debug.log.2</c>
/// and so on, and the oldest is deleted. Not for several threads.
/// </summary>
internal sealed class RotatingFile : IDisposable
{
    public const long Mebibyte = 1_048_576;

    /// <summary>The size at which a file is put aside: hours of details, and still opened by any editor.</summary>
    public const long DefaultSize = 10 * Mebibyte;

    /// <summary>Old files that are kept: with the new one they take six times the size, 60 MiB unless told otherwise.</summary>
    public const int Kept = 5;

    private readonly string _path;
    private readonly long _size;
    private FileStream? _stream;

    /// <param name="path">Where; the directory is made when it is missing.</param>
    /// <param name="size">Bytes after which another file is begun.</param>
    /// <exception cref="IOException">It cannot be written.</exception>
    public RotatingFile(string path, long size)
    {
        _path = path;
        _size = size;
        string directory = Path.GetDirectoryName(path)!;
        // As a rule it is the data directory, which is its owner's alone.
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(directory);
        else
            Directory.CreateDirectory(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        _stream = Open();
    }

    /// <summary>Writes a line whole into one file.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public void Write(ReadOnlySpan<byte> line)
    {
        // It is closed when it could not be put aside: that may go better now.
        _stream ??= Open();
        if (_stream.Length > 0 && _stream.Length + line.Length > _size)
            Rotate();
        _stream!.Write(line);
    }

    /// <summary>Has readers see what was written.</summary>
    public void Flush() => _stream?.Flush();

    /// <summary>Closes the file.</summary>
    public void Dispose() => _stream?.Dispose();

    private void Rotate()
    {
        _stream!.Dispose();
        _stream = null;
        for (int age = Kept - 1; age >= 1; age--)
        {
            if (File.Exists(Old(age)))
                File.Move(Old(age), Old(age + 1), overwrite: true);
        }

        File.Move(_path, Old(1), overwrite: true);
        _stream = Open();
    }

    private string Old(int age) => string.Create(CultureInfo.InvariantCulture, $"{_path}.{age}");

    private FileStream Open()
    {
        var options = new FileStreamOptions
        {
            Mode = FileMode.Append,
            Access = FileAccess.Write,
            Share = FileShare.Read | FileShare.Delete,
        };
        // With -logips it tells whom the node knows.
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        return new FileStream(_path, options);
    }
}
