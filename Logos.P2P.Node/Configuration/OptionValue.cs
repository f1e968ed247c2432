namespace Logos.P2P.Node.Configuration;

/// <summary>A value as it was written.</summary>
/// <param name="Text">The text.</param>
/// <param name="Origin">Where: the name on the command line, that of the variable, or the line of the file.</param>
internal readonly record struct OptionValue(string Text, string Origin)
{
    /// <summary>The error of a value that cannot be.</summary>
    /// <param name="why">What is wrong with it, as the end of a sentence that began with the value.</param>
    public OptionException Error(string why) => new($"{Origin}: '{Text}' {why}");

    /// <summary>Whether it drops what was named before: Bitcoin's -noname and -name=0.</summary>
    public bool IsNone => Text == "0";
}
