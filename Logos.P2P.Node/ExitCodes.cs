namespace Logos.P2P.Node;

/// <summary>What the program tells the shell.</summary>
internal static class ExitCodes
{
    public const int Clean = 0;
    public const int Failed = 1;
    public const int BadUsage = 2;
}
