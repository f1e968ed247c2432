using System.ComponentModel;
using System.Diagnostics;

namespace Logos.P2P.Testnet.Processes;

/// <summary>A disk in memory, of few megabytes, at a place in the tree of directories. Root only.</summary>
internal static class SmallDisk
{
    /// <summary>Several times what a node keeps.</summary>
    private const string Size = "16m";

    private const int BlockBytes = 4096;

    /// <summary>Whether there can be one: root in a container may not.</summary>
    public static bool IsPossible()
    {
        if (!Environment.IsPrivilegedProcess)
            return false;
        string place = Directory.CreateTempSubdirectory("logosp2p-disk-").FullName;
        try
        {
            Mount(place);
            Unmount(place);
            return true;
        }
        catch (IOException)
        {
            return false;
        }
        finally
        {
            Directory.Delete(place);
        }
    }

    /// <exception cref="IOException">The system would not.</exception>
    public static void Mount(string place) => Run("mount", "-t", "tmpfs", "-o", $"size={Size}", "tmpfs", place);

    /// <summary>Takes it away. What is still open on it stays until it is closed: a process that has ended closes its files a moment later.</summary>
    /// <exception cref="IOException">The system would not.</exception>
    public static void Unmount(string place) => Run("umount", "--lazy", place);

    /// <summary>Takes away all that are left below a directory, by whoever was interrupted.</summary>
    public static void UnmountBelow(string directory)
    {
        const int place = 1;
        // All of it first: the table changes with each that is taken away. Blanks in names are written as octal numbers there.
        foreach (string mounted in File.ReadAllLines("/proc/mounts").Select(line => line.Split(' ')[place].Replace(@"\040", " ", StringComparison.Ordinal)))
        {
            if (mounted.StartsWith(directory + Path.DirectorySeparatorChar, StringComparison.Ordinal))
                Unmount(mounted);
        }
    }

    /// <summary>Fills it to the last byte.</summary>
    public static void Fill(string file)
    {
        byte[] block = new byte[BlockBytes];
        try
        {
            // Unbuffered: what does not fit is to be told at once, and not when the file is closed.
            using var filler = new FileStream(file, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
            while (true)
                filler.Write(block);
        }
        catch (IOException)
        {
            // It is full.
        }
    }

    private static void Run(string program, params string[] arguments)
    {
        try
        {
            using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
            string error = process.StandardError.ReadToEnd();
            process.WaitForExit();
            if (process.ExitCode != 0)
                throw new IOException($"{program}: {error.Trim()}");
        }
        catch (Win32Exception e)
        {
            throw new IOException(e.Message, e);
        }
    }
}
