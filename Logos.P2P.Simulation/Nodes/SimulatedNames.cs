using Logos.P2P.Discovery;
using Logos.P2P.Wire;

namespace Logos.P2P.Simulation.Nodes;

/// <summary>The DNS of the simulated Internet: knows what it was told, and answers at once.</summary>
internal sealed class SimulatedNames : INameResolver
{
    private readonly Dictionary<string, IReadOnlyList<NetAddress>> _answers = [];

    /// <summary>Makes a name known.</summary>
    public void Add(string name, IReadOnlyList<NetAddress> addresses) => _answers[name] = addresses;

    public Task<IReadOnlyList<NetAddress>> ResolveAsync(string name, CancellationToken cancellationToken) =>
        Task.FromResult(_answers.GetValueOrDefault(name, []));
}
