using Logos.P2P.AddrMan;

namespace Logos.P2P.Tests.AddrMan;

/// <summary>The maps that Bitcoin Core tests with.</summary>
internal static class AsmapVectors
{
    /// <summary>`netbase_tests.cpp`, asmap_test_vectors: 128 random ranges, numbers of up to 20 bits.</summary>
    public static readonly byte[] Random = Convert.FromHexString(
        "fd38d50f7d5d665357f64bba6bfc190d6078a7e68e5d3ac032edf47f8b5755f87881bfd3633d9aa7c1fa279b3"
        + "6fe26c63bbc9de44e0f04e5a382d8e1cddbe1c26653bc939d4327f287e8b4d1f8aff33176787cb0ff7cb28e3f"
        + "daef0f8f47357f801c9f7ff7a99f7f9c9f99de7f3156ae00f23eb27a303bc486aa3ccc31ec19394c2f8a53ddd"
        + "ea3cc56257f3b7e9b1f488be9c1137db823759aa4e071eef2e984aaf97b52d5f88d0f373dd190fe45e06efef1"
        + "df7278be680a73a74c76db4dd910f1d30752c57fe2bc9f079f1a1e1b036c2a69219f11c5e11980a3fa51f4f82"
        + "d36373de73b1863a8c27e36ae0e4f705be3d76ecff038a75bc0f92ba7e7f6f4080f1c47c34d095367ecf4406c"
        + "1e3bbc17ba4d6f79ea3f031b876799ac268b1e0ea9babf0f9a8e5f6c55e363c6363df46afc696d7afceaf49b6"
        + "e62df9e9dc27e70664cafe5c53df66dd0b8237678ada90e73f05ec60e6f6e96c3cbb1ea2f9dece115d5bdba10"
        + "33e53662a7d72a29477b5beb35710591d3e23e5f0379baea62ffdee535bcdf879cbf69b88d7ea37c8015381cf"
        + "63dc33d28f757a4a5e15d6a08");

    /// <summary>
    /// `src/test/data/asmap.raw`: 250.0.0.0/8 is AS1000, 101.1.0.0/16 to 101.8.0.0/16 are AS1 to AS8.
    /// </summary>
    public static readonly byte[] Small = Convert.FromHexString(
        "fb03ec0fb03fc0fe00fb03ec0fb03fc0fe00fb03ec0fb0fffffeffedb0ffd486e628290000400000"
        + "40004099010080018004000005000600" + "1cf039");

    public static AsmapGrouping SmallGrouping { get; } = new(new Asmap(Small), PrefixGrouping.Instance);
}
