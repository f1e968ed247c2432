using System.Text.Json;
using Logos.P2P.Simulation.Links;

namespace Logos.P2P.Simulation.Nodes;

/// <summary>
/// A graph that a network of real processes wrote down (`logosp2p testnet graph --json`), to be simulated: who dials whom, and
/// how long bytes are under way between them.
/// </summary>
/// <param name="Nodes">How many nodes.</param>
/// <param name="Edges">The links.</param>
internal sealed record GraphFile(int Nodes, IReadOnlyList<GraphFile.Edge> Edges)
{
    private static readonly JsonSerializerOptions Json = new() { PropertyNameCaseInsensitive = true };

    /// <summary>Reads a file.</summary>
    /// <exception cref="SimulationException">It is no such graph.</exception>
    public static GraphFile Read(string path)
    {
        GraphFile? graph;
        try
        {
            graph = JsonSerializer.Deserialize<GraphFile>(File.ReadAllText(path), Json);
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new SimulationException($"--graph: '{path}' cannot be read as a graph: {e.Message}", e);
        }

        if (graph is null or { Edges: null } || graph.Edges.Any(edge => !graph.Has(edge.From) || !graph.Has(edge.To)))
            throw new SimulationException($"--graph: '{path}' has edges of nodes that it does not have.");
        return graph;
    }

    /// <summary>The delays of its links; hosts that are not linked do not talk.</summary>
    public LinkModel Links() => new FileLinks(Edges.ToDictionary(
        edge => Key(edge.From, edge.To), edge => TimeSpan.FromMilliseconds(edge.DelayMs)));

    private static (int Low, int High) Key(int from, int to) => from < to ? (from, to) : (to, from);

    private bool Has(int node) => node >= 0 && node < Nodes;

    /// <summary>One link.</summary>
    /// <param name="From">Who dials.</param>
    /// <param name="To">Whom.</param>
    /// <param name="DelayMs">Milliseconds one way.</param>
    internal sealed record Edge(int From, int To, double DelayMs);

    private sealed record FileLinks(Dictionary<(int Low, int High), TimeSpan> Delays) : LinkModel
    {
        public override TimeSpan Latency(SimulatedHost from, SimulatedHost to) =>
            Delays.GetValueOrDefault(Key(from.Index, to.Index));
    }
}
