using System.Security.Cryptography;

namespace Logos.P2P.Fuzz.Engine;

/// <summary>The inputs that each showed something new, in memory and in a directory.</summary>
/// <param name="directory">Where they are kept; null for nowhere.</param>
internal sealed class Corpus(string? directory)
{
    private readonly List<byte[]> _inputs = [];

    public int Count => _inputs.Count;

    /// <summary>Reads what earlier runs kept.</summary>
    public IEnumerable<byte[]> Load() => directory is not null && Directory.Exists(directory)
        ? Directory.EnumerateFiles(directory).Order(StringComparer.Ordinal).Select(File.ReadAllBytes)
        : [];

    public void Add(byte[] input)
    {
        _inputs.Add(input);
        if (directory is null)
            return;
        Directory.CreateDirectory(directory);
        string path = Path.Combine(directory, NameOf(input));
        if (!File.Exists(path))
            File.WriteAllBytes(path, input);
    }

    /// <summary>One of all: every other time one of the latest, which lead to what is not known yet.</summary>
    public byte[] Pick(FuzzRandom random)
    {
        int latest = Math.Min(_inputs.Count, 8 + (_inputs.Count / 8));
        return random.OneIn(2) ? _inputs[^(1 + random.Below(latest))] : _inputs[random.Below(_inputs.Count)];
    }

    /// <summary>A name that the same input always has.</summary>
    public static string NameOf(ReadOnlySpan<byte> input) => Convert.ToHexStringLower(SHA256.HashData(input).AsSpan(0, 8));
}
