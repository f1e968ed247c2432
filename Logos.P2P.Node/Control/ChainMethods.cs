using System.Collections.Immutable;
using System.Text.Json.Nodes;

namespace Logos.P2P.Node.Control;

/// <summary>What tools made for Bitcoin ask about a chain of blocks, of which there is none here.</summary>
internal static class ChainMethods
{
    private static readonly string NoHash = new('0', 64);

    public static ImmutableArray<RpcMethod> All { get; } =
    [
        new RpcMethod(
            "getblockchaininfo", "Blockchain", [], "Which network this is. There are no blocks; the rest is for tools that ask.",
            "chain (main, test or regtest), blocks, headers, bestblockhash, difficulty, time, mediantime, verificationprogress, "
            + "initialblockdownload, chainwork, size_on_disk, pruned, warnings",
            (context, _) => new JsonObject
            {
                ["chain"] = context.Options.Network.ToString().ToLowerInvariant(),
                ["blocks"] = 0,
                ["headers"] = 0,
                ["bestblockhash"] = NoHash,
                ["difficulty"] = 0,
                ["time"] = 0,
                ["mediantime"] = 0,
                ["verificationprogress"] = 1,
                ["initialblockdownload"] = false,
                ["chainwork"] = NoHash,
                ["size_on_disk"] = 0,
                ["pruned"] = false,
                ["warnings"] = new JsonArray(),
            }),
    ];
}
