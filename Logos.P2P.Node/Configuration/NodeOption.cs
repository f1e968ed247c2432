using System.Collections.Immutable;

namespace Logos.P2P.Node.Configuration;

/// <summary>What an option takes.</summary>
internal enum OptionKind
{
    /// <summary>On or off: 1 or 0.</summary>
    Switch,

    /// <summary>A whole number within bounds.</summary>
    Number,

    /// <summary>One text.</summary>
    Text,

    /// <summary>Any number of texts. One that is 0 drops those named before.</summary>
    List,
}

/// <summary>What an option is about: help and the sample configuration list them by that.</summary>
internal enum OptionGroup
{
    /// <summary>Which network, and where the node keeps what it knows.</summary>
    General,

    /// <summary>Whom it connects to, and who connects to it.</summary>
    Connections,

    /// <summary>How much it takes and gives.</summary>
    Limits,

    /// <summary>What it tells of itself.</summary>
    Log,

    /// <summary>Who may steer it, and how.</summary>
    Control,

    /// <summary>To whom it shows how it does.</summary>
    Views,
}

/// <summary>
/// An option of the program, wherever it is given: on the command line as <c>-name=value</c>, in the configuration file as
/// <c>name=value</c>, or in the environment. Its names are Bitcoin's where Bitcoin has it.
/// </summary>
/// <param name="Name">Its name, without a dash.</param>
/// <param name="Kind">What it takes.</param>
/// <param name="Group">What it is about.</param>
/// <param name="Description">What it does; a sentence or two.</param>
internal sealed record NodeOption(string Name, OptionKind Kind, OptionGroup Group, string Description)
{
    /// <summary>What the value of a switch stands for.</summary>
    public const string SwitchValue = "0 or 1";

    /// <summary>What its value stands for, as help shows it.</summary>
    public string ValueName { get; init; } = "";

    /// <summary>What holds when it is not given; empty for nothing.</summary>
    public string Default { get; init; } = "";

    /// <summary>The least number.</summary>
    public long Min { get; init; }

    /// <summary>The largest number.</summary>
    public long Max { get; init; } = long.MaxValue;

    /// <summary>The only texts it may be; any when empty.</summary>
    public ImmutableArray<string> Choices { get; init; } = [];

    /// <summary>The value that its bare name stands for; null when a value must be given.</summary>
    public string? Bare { get; init; }

    /// <summary>
    /// Whether it differs from network to network as Bitcoin's -port does: given outside of a section of the configuration file, it
    /// is for the main network.
    /// </summary>
    public bool IsPerNetwork { get; init; }

    /// <summary>Whether it may be in the configuration file.</summary>
    public bool IsConfigurable { get; init; } = true;

    /// <summary>Whether only commands that ask a node take it, and not the node.</summary>
    public bool IsForClients { get; init; }

    /// <summary>Whether its value is nobody else's business.</summary>
    public bool IsSecret { get; init; }

    /// <summary>The same, but differing from network to network.</summary>
    public NodeOption PerNetwork() => this with { IsPerNetwork = true };

    /// <summary>The same, but not for the configuration file.</summary>
    public NodeOption NotInFile() => this with { IsConfigurable = false };

    /// <summary>The same, but for commands that ask a node only.</summary>
    public NodeOption ForClientsOnly() => this with { IsForClients = true };

    /// <summary>The same, but nobody else's business.</summary>
    public NodeOption Secret() => this with { IsSecret = true };

    /// <summary>The same, but with these values only.</summary>
    public NodeOption OneOf(params ImmutableArray<string> choices) => this with { Choices = choices };

    /// <summary>The same, but with a value that its bare name stands for.</summary>
    public NodeOption OrBare(string value) => this with { Bare = value };

    /// <summary>How it is written on the command line.</summary>
    public string Usage => Kind == OptionKind.Switch ? $"-{Name}" : $"-{Name}=<{ValueName}>";
}
