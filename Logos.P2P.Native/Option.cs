namespace Logos.P2P.Native;

/// <summary>An option by its name on the command line of the program logosp2p, where that of a whole node has a meaning here too.</summary>
/// <param name="Name">The name, without a dash.</param>
/// <param name="ValueName">What the value stands for; null for a switch.</param>
/// <param name="IsList">Whether it may be given several times.</param>
/// <param name="Description">What it does.</param>
/// <param name="Apply">
/// Puts a value, which is not empty, into options. <see cref="FormatException"/> says what is wrong with it, as the end of a sentence
/// that begins with the option and the value.
/// </param>
internal sealed record Option(
    string Name, string? ValueName, bool IsList, string Description, Func<NodeSetup, string, NodeSetup> Apply)
{
    public bool IsSwitch => ValueName is null;
}
