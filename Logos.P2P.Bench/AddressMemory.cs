using System.Diagnostics;
using System.Globalization;
using Logos.P2P.AddrMan;

namespace Logos.P2P.Bench;

/// <summary>
/// The memory that an address book takes while ten million addresses are told to it: once its tables are full it is to stay
/// the same. Changes are taken as the node does that stores them.
/// </summary>
internal static class AddressMemory
{
    private const int Steps = 10;
    private const int StepSize = 1_000_000;

    public static void Run()
    {
        var flood = new AddressFlood();
        long before = GC.GetTotalMemory(forceFullCollection: true);
        AddressManager book = flood.NewBook();
        Console.WriteLine("| addresses told | known | memory | each, with its drawing |");
        Console.WriteLine("|---:|---:|---:|---:|");
        for (int step = 1; step <= Steps; step++)
        {
            long start = Stopwatch.GetTimestamp();
            for (int i = 0; i < StepSize; i++)
                book.Add([flood.DrawAddress()], flood.DrawSource());
            TimeSpan elapsed = Stopwatch.GetElapsedTime(start);
            book.TakeChanges();
            double megabytes = (GC.GetTotalMemory(forceFullCollection: true) - before) / 1e6;
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| {step * StepSize:N0} | {book.Count:N0} | {megabytes:0.0} MB | {elapsed.TotalNanoseconds / StepSize:0} ns |"));
        }

        GC.KeepAlive(flood);
    }
}
