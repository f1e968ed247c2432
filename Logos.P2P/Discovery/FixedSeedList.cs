using System.Collections.Immutable;
using System.Globalization;
using Logos.P2P.Wire;

namespace Logos.P2P.Discovery;

/// <summary>
/// A list of endpoints in its two forms: text for people (one `host` or `host:port` a line, # begins a comment), and
/// BIP155's form of an endpoint, one after the other, which is what the program has built in.
/// </summary>
internal static class FixedSeedList
{
    /// <summary>Characters of the largest list: some 30,000 lines, more than anybody can vouch for.</summary>
    private const int MaxLength = 1 << 20;

    /// <summary>The list that came with the program; none for regtest, which is a different network each time.</summary>
    public static ImmutableArray<NetEndpoint> BuiltIn(P2PNetwork network)
    {
        string name = $"fixed-seeds/{network.ToString().ToLowerInvariant()}.addrv2";
        using Stream? resource = typeof(FixedSeedList).Assembly.GetManifestResourceStream(name);
        if (resource is null)
            return [];
        byte[] bytes = new byte[resource.Length];
        resource.ReadExactly(bytes);
        return Decode(bytes);
    }

    /// <summary>Reads a text file.</summary>
    /// <exception cref="IOException">It cannot be read, or has a bad line; the message names both.</exception>
    public static ImmutableArray<NetEndpoint> Load(string file, ushort defaultPort)
    {
        try
        {
            using var reader = new StreamReader(file);
            // One character more than there may be, so that what is too large is seen without reading it all.
            char[] text = new char[MaxLength + 1];
            int length = reader.ReadBlock(text);
            if (length > MaxLength)
                throw new FormatException($"it has more than {MaxLength} characters");
            return Parse(new string(text, 0, length), defaultPort);
        }
        catch (FormatException e)
        {
            throw new IOException($"The file of fixed seeds '{file}' cannot be used: {e.Message}.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"The file of fixed seeds '{file}' cannot be read ({e.Message}).", e);
        }
    }

    /// <summary>Reads the text form.</summary>
    /// <exception cref="FormatException">A line is bad; the message says which and why.</exception>
    public static ImmutableArray<NetEndpoint> Parse(string text, ushort defaultPort)
    {
        ImmutableArray<NetEndpoint>.Builder list = ImmutableArray.CreateBuilder<NetEndpoint>();
        int number = 0;
        foreach (ReadOnlySpan<char> line in text.AsSpan().EnumerateLines())
        {
            number++;
            int comment = line.IndexOf('#');
            string entry = (comment < 0 ? line : line[..comment]).Trim().ToString();
            if (entry.Length == 0)
                continue;
            if (!NetEndpoint.TryParse(entry, defaultPort, out NetEndpoint endpoint)
                || endpoint.Address == NetAddress.None)
            {
                throw new FormatException(string.Create(
                    CultureInfo.InvariantCulture,
                    $"line {number}, '{entry}', is not an address; write 192.0.2.1:14495 or [2001:db8::1]:14495"));
            }

            list.Add(endpoint);
        }

        return list.ToImmutable();
    }

    /// <summary>Writes the compact form.</summary>
    public static byte[] Encode(ImmutableArray<NetEndpoint> list)
    {
        byte[] bytes = new byte[list.Sum(endpoint => AddressCodec.GetV2Size(endpoint))];
        var writer = new WireWriter(bytes);
        foreach (NetEndpoint endpoint in list)
            AddressCodec.WriteV2(ref writer, endpoint);
        return bytes;
    }

    /// <summary>Reads the compact form.</summary>
    /// <exception cref="InvalidDataException">It is damaged.</exception>
    public static ImmutableArray<NetEndpoint> Decode(ReadOnlySpan<byte> bytes)
    {
        ImmutableArray<NetEndpoint>.Builder list = ImmutableArray.CreateBuilder<NetEndpoint>();
        var reader = new WireReader(bytes);
        while (reader.Remaining > 0)
        {
            if (!AddressCodec.TryReadV2(ref reader, out NetEndpoint endpoint))
                throw new InvalidDataException("The built-in fixed seeds are damaged; build the program again.");
            list.Add(endpoint);
        }

        return list.ToImmutable();
    }
}
