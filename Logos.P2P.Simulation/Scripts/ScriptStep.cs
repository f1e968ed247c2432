namespace Logos.P2P.Simulation.Scripts;

/// <summary>One line of a script that does something.</summary>
/// <param name="Line">Its number; the first is 1.</param>
/// <param name="At">When, after the beginning; null: when the step before is done.</param>
public abstract record ScriptStep(int Line, TimeSpan? At)
{
    /// <summary>The highest number of a node that is named; -1 for none.</summary>
    public virtual int HighestNode => -1;
}

/// <summary>Messages are sent.</summary>
/// <param name="Line">The line.</param>
/// <param name="At">When.</param>
/// <param name="From">By which node; null: for each message one of those that run, at random.</param>
/// <param name="Bytes">How long each is.</param>
/// <param name="Count">How many.</param>
/// <param name="Every">From the beginning of one to that of the next.</param>
public sealed record SendStep(int Line, TimeSpan? At, int? From, int Bytes, int Count, TimeSpan Every) : ScriptStep(Line, At)
{
    /// <inheritdoc/>
    public override int HighestNode => From ?? -1;
}

/// <summary>Nodes end as in a power failure.</summary>
/// <param name="Line">The line.</param>
/// <param name="At">When.</param>
/// <param name="Nodes">Which.</param>
public sealed record KillStep(int Line, TimeSpan? At, NodeSelection Nodes) : ScriptStep(Line, At)
{
    /// <inheritdoc/>
    public override int HighestNode => Nodes.Highest;
}

/// <summary>Nodes are started again.</summary>
/// <param name="Line">The line.</param>
/// <param name="At">When.</param>
/// <param name="Nodes">Which.</param>
public sealed record RestartStep(int Line, TimeSpan? At, NodeSelection Nodes) : ScriptStep(Line, At)
{
    /// <inheritdoc/>
    public override int HighestNode => Nodes.Highest;
}

/// <summary>Nothing passes between sides any more.</summary>
/// <param name="Line">The line.</param>
/// <param name="At">When.</param>
/// <param name="Sides">The sides.</param>
public sealed record PartitionStep(int Line, TimeSpan? At, PartitionSides Sides) : ScriptStep(Line, At)
{
    /// <inheritdoc/>
    public override int HighestNode => Sides.Highest;
}

/// <summary>The partition ends.</summary>
/// <param name="Line">The line.</param>
/// <param name="At">When.</param>
public sealed record HealStep(int Line, TimeSpan? At) : ScriptStep(Line, At);

/// <summary>All links are delayed.</summary>
/// <param name="Line">The line.</param>
/// <param name="At">When.</param>
/// <param name="Delay">One way.</param>
/// <param name="Jitter">How much more at most.</param>
public sealed record DelayStep(int Line, TimeSpan? At, TimeSpan Delay, TimeSpan Jitter) : ScriptStep(Line, At);

/// <summary>Time passes.</summary>
/// <param name="Line">The line.</param>
/// <param name="At">When it begins.</param>
/// <param name="Time">How much.</param>
public sealed record WaitStep(int Line, TimeSpan? At, TimeSpan Time) : ScriptStep(Line, At);

/// <summary>The results so far are reported.</summary>
/// <param name="Line">The line.</param>
/// <param name="At">When.</param>
public sealed record CollectStep(int Line, TimeSpan? At) : ScriptStep(Line, At);
