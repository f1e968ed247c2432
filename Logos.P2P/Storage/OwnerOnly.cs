namespace Logos.P2P.Storage;

/// <summary>
/// What a node writes tells whom it knows and how it places addresses, so nobody but its owner is to read it, whatever the mask of
/// the process is. On Windows the directory that it is in says who may.
/// </summary>
internal static class OwnerOnly
{
    /// <summary>Has a file that is made readable by its owner alone.</summary>
    public static FileStreamOptions ForOwnerOnly(this FileStreamOptions options)
    {
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        return options;
    }

    /// <summary>Makes a directory unless it is there; one that is there stays as open as it is.</summary>
    public static void CreateDirectory(string path)
    {
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(path);
        else
            Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}
