namespace Logos.P2P.Fuzz.Engine;

/// <summary>Makes what fails smaller, as long as it fails in the same way.</summary>
internal static class Shrinker
{
    /// <summary>Leaves out pieces, half of all at first and single items at last, until nothing more can be left out.</summary>
    /// <param name="items">What fails.</param>
    /// <param name="fails">Whether something smaller still does.</param>
    public static T[] LeaveOut<T>(T[] items, Func<T[], bool> fails)
    {
        for (int size = Math.Max(1, items.Length / 2); items.Length > 0; size = Math.Max(1, size / 2))
        {
            bool wasSmaller = false;
            for (int at = 0; at < items.Length;)
            {
                T[] rest = [.. items[..at], .. items[Math.Min(items.Length, at + size)..]];
                if (fails(rest))
                    (items, wasSmaller) = (rest, true);
                else
                    at += size;
            }

            if (size == 1 && !wasSmaller)
                break;
        }

        return items;
    }

    /// <summary>Makes an input shorter, and zero where its bytes do not matter.</summary>
    public static byte[] Shrink(byte[] input, Func<byte[], bool> fails)
    {
        input = LeaveOut(input, fails);
        for (int i = 0; i < input.Length; i++)
        {
            byte before = input[i];
            if (before == 0)
                continue;
            input[i] = 0;
            if (!fails(input))
                input[i] = before;
        }

        return input;
    }
}
