namespace Logos.P2P.Wire;

/// <summary>
/// Which overlay a node belongs to. The magics are Bitcoin's, so that stock dissectors recognise the traffic; the
/// checksum keeps real Bitcoin nodes out.
/// </summary>
public enum P2PNetwork
{
    /// <summary>The live network: magic f9beb4d9, port 14495.</summary>
    Main,

    /// <summary>The public test network: magic 0b110907, port 14496.</summary>
    Test,

    /// <summary>A network on one machine, for tests: magic fabfb5da, port 14497.</summary>
    Regtest,
}

/// <summary>The numbers that tell one network from another on the wire.</summary>
public static class P2PNetworkExtensions
{
    /// <summary>The first four bytes of every frame, read as a little-endian u32.</summary>
    public static uint Magic(this P2PNetwork network) => network switch
    {
        P2PNetwork.Main => 0xD9B4BEF9,
        P2PNetwork.Test => 0x0709110B,
        P2PNetwork.Regtest => 0xDAB5BFFA,
        _ => throw new ArgumentOutOfRangeException(nameof(network), network, "No such network."),
    };

    /// <summary>The TCP port a node listens on unless told otherwise.</summary>
    public static ushort DefaultPort(this P2PNetwork network) => network switch
    {
        P2PNetwork.Main => 14495,
        P2PNetwork.Test => 14496,
        P2PNetwork.Regtest => 14497,
        _ => throw new ArgumentOutOfRangeException(nameof(network), network, "No such network."),
    };
}
