using Logos.P2P.AddrMan;
using Logos.P2P.Wire;

namespace Logos.P2P.Storage;

/// <summary>
/// A `peers.dat` on disk. Whenever the power fails there is the old one or the new one, never half of one.
/// </summary>
internal static class PeersFileStore
{
    private const string NewSuffix = ".new";
    private const string AsideSuffix = ".bak";

    /// <summary>
    /// Writes a file: beside it first, then through to the disk, then under its name. Only its owner may read it, because
    /// who knows the key in it can aim at buckets.
    /// </summary>
    /// <exception cref="StoreException">It cannot be written; the message names it and says why.</exception>
    public static void Save(string path, PeersImage image, P2PNetwork network)
    {
        byte[] bytes = PeersFile.Write(image, network);
        // A name that nobody has: one that is there may be another writer's, or readable by all.
        string temporary = $"{path}.{Path.GetRandomFileName()}{NewSuffix}";
        FileStreamOptions options =
            new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, BufferSize = 0 }.ForOwnerOnly();
        try
        {
            using (var file = new FileStream(temporary, options))
            {
                file.Write(bytes);
                file.Flush(flushToDisk: true);
            }

            File.Move(temporary, path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Discard(temporary);
            throw new StoreException($"'{path}' cannot be written ({e.Message}).", e);
        }
    }

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="network">The network whose addresses are wanted.</param>
    /// <param name="setAside">
    /// Null, or what became of the file, because a later version of this program wrote it in a form that this one cannot read.
    /// </param>
    /// <returns>Null when there is none, or none any more.</returns>
    /// <exception cref="StoreException">It cannot be used; the message names it, says why and what to do.</exception>
    public static PeersImage? Load(string path, P2PNetwork network, out PeersFileAside? setAside)
    {
        setAside = null;
        if (Read(path) is not { } bytes)
            return null;
        if (PeersFile.TryRead(bytes, network, out PeersImage? image, out PeersFileError error))
            return image;
        if (error.Fault != PeersFileFault.NewerFormat)
            throw new StoreException(
                $"'{path}' cannot be used: {error.Message}. Move it away to start without it, or put back a copy.");

        setAside = SetAside(path, error.Message);
        return null;
    }

    /// <summary>Sets a file aside that the node with this key did not write, or that nobody can read any more.</summary>
    /// <param name="path">The file.</param>
    /// <param name="network">The network of the node.</param>
    /// <param name="key">The secret of its address manager.</param>
    /// <returns>What became of it; null when there is none, or it is the node's own.</returns>
    /// <exception cref="StoreException">It cannot be set aside.</exception>
    public static PeersFileAside? SetAsideForeign(string path, P2PNetwork network, ReadOnlySpan<byte> key)
    {
        byte[]? bytes;
        try
        {
            bytes = Read(path);
        }
        catch (StoreException e)
        {
            return SetAside(path, e.InnerException!.Message);
        }

        if (bytes is null)
            return null;
        if (!PeersFile.TryRead(bytes, network, out PeersImage? image, out PeersFileError error))
            return SetAside(path, error.Message);
        return image.Key.Span.SequenceEqual(key)
            ? null
            : SetAside(path, "another node wrote it, and this one has addresses; 'logosp2p addressbook import' adds those of a file");
    }

    /// <summary>Copies a file to where <see cref="SetAside"/> would move it.</summary>
    /// <returns>Where the copy is.</returns>
    /// <exception cref="StoreException">It cannot be copied.</exception>
    public static string KeepCopy(string path) => Aside(path, copy => File.Copy(path, copy));

    /// <summary>
    /// Deletes what a crash left of a file that was being written. Only for who alone writes it: to others it does no harm.
    /// </summary>
    public static void DeleteLeftovers(string path)
    {
        string directory = Path.GetDirectoryName(Path.GetFullPath(path))!;
        foreach (string leftover in Directory.EnumerateFiles(directory, $"{Path.GetFileName(path)}.*{NewSuffix}"))
            Discard(leftover);
    }

    /// <summary>Reads a file that is to be there, and leaves it as it is.</summary>
    /// <param name="path">The file.</param>
    /// <param name="network">The network it is to be of; null for any.</param>
    /// <param name="found">The network it is of.</param>
    /// <exception cref="StoreException">It is missing or cannot be used; the message names it and says why.</exception>
    public static PeersImage Open(string path, P2PNetwork? network, out P2PNetwork found)
    {
        byte[] bytes = Read(path) ?? throw new StoreException($"There is no file '{path}'.");
        found = network ?? PeersFile.NetworkOf(bytes) ?? P2PNetwork.Main;
        return PeersFile.TryRead(bytes, found, out PeersImage? image, out PeersFileError error)
            ? image
            : throw new StoreException($"'{path}' cannot be used: {error.Message}.");
    }

    private static byte[]? Read(string path)
    {
        try
        {
            using FileStream file = File.OpenRead(path);
            // One byte more than there may be is enough to see that it is too large.
            byte[] bytes = new byte[Math.Min(file.Length, PeersFile.MaxSize + 1)];
            file.ReadExactly(bytes);
            return bytes;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StoreException($"'{path}' cannot be read ({e.Message}).", e);
        }
    }

    private static PeersFileAside SetAside(string path, string why) =>
        new(Aside(path, aside => File.Move(path, aside)), why);

    /// <summary>Puts a file at the first free one of `.bak`, `.bak2`, `.bak3` ...: what is set aside is never lost.</summary>
    private static string Aside(string path, Action<string> put)
    {
        string aside = path + AsideSuffix;
        for (int i = 2; File.Exists(aside); i++)
            aside = $"{path}{AsideSuffix}{i}";
        try
        {
            put(aside);
            return aside;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StoreException(
                $"'{path}' would be written over and cannot be set aside ({e.Message}). Move it away.", e);
        }
    }

    private static void Discard(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It does no harm, and the error that led here is the one to report.
        }
    }
}
