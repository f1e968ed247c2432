using System.Numerics;

namespace Logos.P2P.AddrMan;

/// <summary>
/// Bitcoin Core's SanityCheckASMap: whether a map has an answer for every address, and is written in the one way in which
/// maps are written. A file that is something else, or was cut short, fails with overwhelming probability.
/// </summary>
internal static class AsmapCheck
{
    /// <summary>Padding fills the last byte and no more.</summary>
    private const int MaxPadding = 7;

    /// <summary>The most bits that one match can test.</summary>
    private const int FullMatch = 8;

    /// <summary>Says what is wrong with a map.</summary>
    /// <param name="map">The bytes of the map.</param>
    /// <param name="addressBits">The bits of the addresses looked up.</param>
    /// <returns>Null when nothing is.</returns>
    public static string? FindFault(ReadOnlySpan<byte> map, int addressBits)
    {
        var reader = new AsmapReader(map);

        // Where the jumps taken so far land, the nearest on top, and how many bits of the address are left there.
        var landings = new Stack<(int Position, int Bits)>(addressBits);
        int bits = addressBits;
        AsmapInstruction previous = AsmapInstruction.Jump;
        bool wasPartialMatch = false;
        while (reader.Remaining > 0)
        {
            if (landings.TryPeek(out (int Position, int Bits) next) && reader.Position >= next.Position)
                return $"a jump lands inside the instruction before bit {reader.Position}";
            int at = reader.Position;
            if (!reader.TryReadInstruction(out AsmapInstruction instruction))
                return CutShort(at);

            switch (instruction)
            {
                case AsmapInstruction.Return:
                    if (previous == AsmapInstruction.Default)
                        return $"a return after a default at bit {at}";
                    if (!reader.TryReadAsn(out _))
                        return CutShort(at);
                    if (landings.Count == 0)
                        return FindFaultInPadding(ref reader);
                    (int position, bits) = landings.Pop();
                    if (position != reader.Position)
                        return $"nothing leads to bit {reader.Position}";
                    instruction = AsmapInstruction.Jump;
                    break;
                case AsmapInstruction.Jump:
                    if (!reader.TryReadJump(out uint jump))
                        return CutShort(at);
                    if (jump > reader.Remaining)
                        return $"a jump beyond the end at bit {at}";
                    if (bits == 0)
                        return TooDeep(at);
                    bits--;
                    int landing = reader.Position + (int)jump;
                    if (landings.Count > 0 && landing >= landings.Peek().Position)
                        return $"jumps that cross at bit {at}";
                    landings.Push((landing, bits));
                    break;
                case AsmapInstruction.Match:
                    if (!reader.TryReadMatch(out uint match))
                        return CutShort(at);
                    int length = BitOperations.Log2(match);
                    wasPartialMatch &= previous == AsmapInstruction.Match;
                    if (length < FullMatch && wasPartialMatch)
                        return $"matches that could be one at bit {at}";
                    wasPartialMatch = length < FullMatch;
                    if (bits < length)
                        return TooDeep(at);
                    bits -= length;
                    break;
                default:
                    if (previous == AsmapInstruction.Default)
                        return $"a default after a default at bit {at}";
                    if (!reader.TryReadAsn(out _))
                        return CutShort(at);
                    break;
            }

            previous = instruction;
        }

        return "it ends without an answer";
    }

    private static string? FindFaultInPadding(ref AsmapReader reader)
    {
        if (reader.Remaining > MaxPadding)
            return $"{reader.Remaining} bits follow the last instruction";
        while (reader.TryReadBit(out bool bit))
        {
            if (bit)
                return "the padding is not zero";
        }

        return null;
    }

    private static string CutShort(int position) => $"it ends within the instruction at bit {position}";

    private static string TooDeep(int position) => $"the instruction at bit {position} asks for more bits than addresses have";
}
