namespace Logos.P2P.AddrMan;

/// <summary>Loads maps of autonomous systems.</summary>
public static class AsmapFile
{
    /// <summary>Loads a map.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="AsmapException">It cannot be read or is no map; the message names it and says why.</exception>
    public static Asmap Load(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        try
        {
            using FileStream file = File.OpenRead(path);
            // One byte more than there may be, so that too large a file is seen without reading it all.
            byte[] bytes = new byte[Math.Min(file.Length, Asmap.MaxSize + 1)];
            file.ReadExactly(bytes);
            return new Asmap(bytes);
        }
        catch (AsmapException e)
        {
            throw new AsmapException($"The asmap file '{path}' cannot be used. {e.Message}", e);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new AsmapException($"The asmap file '{path}' does not exist.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new AsmapException($"The asmap file '{path}' cannot be read ({e.Message}).", e);
        }
    }
}
