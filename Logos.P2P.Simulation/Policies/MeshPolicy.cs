using Logos.P2P.Relay;

namespace Logos.P2P.Simulation.Policies;

/// <summary>
/// A mesh as in gossipsub: payloads go to the same eight links as long as these live, whatever became of them. All others are
/// told at once, which spares them to send it (gossipsub's IDONTWANT), and ask for it if their mesh fails them.
/// </summary>
/// <remarks>In gossipsub both ends agree on a link of the mesh. Here each end chooses its own eight: as many copies.</remarks>
internal sealed class MeshPolicy : IRelayPolicy
{
    /// <summary>gossipsub's D in eth2.</summary>
    private const int Degree = 8;

    private readonly Lock _gate = new();
    private readonly List<int> _mesh = [];

    /// <inheritdoc/>
    public bool Learns => false;

    /// <summary>gossipsub tells of messages with its heartbeat, every 0.7 s, and who is told asks at once.</summary>
    public TimeSpan AskWait { get; } = TimeSpan.FromMilliseconds(350);

    /// <inheritdoc/>
    public int SuperfluousCopyOf(in RelayStep step) => int.MaxValue;

    /// <inheritdoc/>
    public void Choose(in RelayStep step, ReadOnlySpan<int> slots, Span<bool> isPushed, TimeSpan now)
    {
        lock (_gate)
        {
            for (int i = 0; i < slots.Length && _mesh.Count < Degree; i++)
            {
                if (!_mesh.Contains(slots[i]))
                    _mesh.Add(slots[i]);
            }

            for (int i = 0; i < slots.Length; i++)
                isPushed[i] = _mesh.Contains(slots[i]);
        }
    }

    /// <inheritdoc/>
    public void Learn(in RelayStep step, int slot, bool isUseful)
    {
        // A mesh takes what comes.
    }

    /// <inheritdoc/>
    public int? NoteParent(in RelayStep step) => null;

    /// <inheritdoc/>
    public void NoteRunnerUp(in RelayStep step, int slot)
    {
        // Nobody is first for long.
    }

    /// <inheritdoc/>
    public void Graft(uint label, int slot)
    {
        // Whoever wants something asks for it.
    }

    /// <inheritdoc/>
    public IReadOnlyList<Substitute> Replace(int slot) => [];

    /// <inheritdoc/>
    public void Close(int slot)
    {
        lock (_gate)
            _mesh.Remove(slot);
    }
}
