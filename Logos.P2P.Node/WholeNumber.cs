using System.CommandLine.Parsing;
using System.Globalization;
using System.Numerics;

namespace Logos.P2P.Node;

/// <summary>Whole numbers on the command line: digits and nothing else, within bounds that an error names.</summary>
internal static class WholeNumber
{
    /// <summary>Reads the value of an option.</summary>
    /// <returns>Null, with the error noted, when it is none or out of bounds.</returns>
    public static T? Parse<T>(ArgumentResult argument, string option, T min, T max)
        where T : struct, IBinaryInteger<T>
    {
        string text = argument.Tokens[0].Value;
        if (T.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out T number) && number >= min && number <= max)
            return number;
        argument.AddError($"{option}: '{text}' is not a number from {min} to {max}.");
        return null;
    }
}
