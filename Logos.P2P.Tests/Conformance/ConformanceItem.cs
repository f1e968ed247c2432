namespace Logos.P2P.Tests.Conformance;

/// <summary>One thing that must hold, or that does not concern this node.</summary>
/// <param name="Id">Its name; the letter is the chapter.</param>
/// <param name="Holds">What must hold.</param>
/// <param name="Missing">Why there is no test of it; null when there is one.</param>
internal sealed record ConformanceItem(string Id, string Holds, string? Missing = null);
