namespace Logos.P2P.Fuzz.Targets;

/// <summary>
/// Inputs that once failed, checked in: `Cases/TARGET.txt`, one a line in hex, with what was wrong behind a #. They are the first
/// that a fuzzer tries.
/// </summary>
internal static class KnownCases
{
    public static IEnumerable<byte[]> Of(string target)
    {
        string path = SeedBytes.PathOf($"{target}.txt");
        return File.Exists(path)
            ? File.ReadLines(path).Select(line => line.Split('#')[0].Trim()).Where(line => line.Length > 0).Select(Convert.FromHexString)
            : [];
    }
}
