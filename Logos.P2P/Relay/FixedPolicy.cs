namespace Logos.P2P.Relay;

/// <summary>Sends everybody everything, or only announces it. What the others are measured against.</summary>
internal sealed class FixedPolicy(bool pushes) : IRelayPolicy
{
    public bool Learns => false;

    public TimeSpan AskWait => TimeSpan.Zero;

    /// <summary>Nobody is told of superfluous copies, since nobody would change anything.</summary>
    public int SuperfluousCopyOf(in RelayStep step) => int.MaxValue;

    public void Choose(in RelayStep step, ReadOnlySpan<int> slots, Span<bool> isPushed, TimeSpan now) => isPushed.Fill(pushes);

    public void Learn(in RelayStep step, int slot, bool isUseful)
    {
        // There is nothing to learn.
    }

    public int? NoteParent(in RelayStep step) => null;

    public void NoteRunnerUp(in RelayStep step, int slot)
    {
        // There is nothing to learn.
    }

    public void Graft(uint label, int slot)
    {
        // Whoever wants something gets it, or asks for it.
    }

    public IReadOnlyList<Substitute> Replace(int slot) => [];

    public void Close(int slot)
    {
        // There is nothing to forget.
    }
}
