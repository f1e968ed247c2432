using System.IO.MemoryMappedFiles;

namespace Logos.P2P.Fuzz.Engine;

/// <summary>
/// The input that is being tried, in a file that the system keeps when the process dies: what overflows the stack or breaks
/// memory leaves no exception to catch.
/// </summary>
internal sealed unsafe class LastInput : IDisposable
{
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;
    private readonly byte* _bytes;
    private readonly int _capacity;

    public LastInput(string path, int capacity)
    {
        _capacity = capacity;
        _file = MemoryMappedFile.CreateFromFile(path, FileMode.Create, null, capacity + sizeof(int));
        _view = _file.CreateViewAccessor();
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref _bytes);
    }

    /// <summary>Notes an input.</summary>
    public void Set(ReadOnlySpan<byte> input)
    {
        *(int*)_bytes = input.Length;
        input.CopyTo(new Span<byte>(_bytes + sizeof(int), _capacity));
    }

    /// <summary>Reads what a process noted last.</summary>
    public static byte[] Read(string path)
    {
        byte[] bytes = File.ReadAllBytes(path);
        return bytes.AsSpan(sizeof(int), BitConverter.ToInt32(bytes)).ToArray();
    }

    public void Dispose()
    {
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
        _file.Dispose();
    }
}
