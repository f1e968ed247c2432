using System.Diagnostics;
using Logos.P2P.AddrMan;

namespace Logos.P2P.Bench.Suites;

/// <summary>
/// The memory that an address book takes while ten million addresses are told to it: once its tables are full it is to stay
/// the same. Changes are taken as the node does that stores them.
/// </summary>
internal static class AddressMemory
{
    private const int Steps = 10;
    private const int StepSize = 1_000_000;

    public static Table Run()
    {
        var flood = new AddressFlood();
        long before = GC.GetTotalMemory(forceFullCollection: true);
        AddressManager book = flood.NewBook();
        var rows = new List<string[]>();
        for (int step = 1; step <= Steps; step++)
        {
            long start = Stopwatch.GetTimestamp();
            for (int i = 0; i < StepSize; i++)
                book.Add([flood.DrawAddress()], flood.DrawSource());
            TimeSpan elapsed = Stopwatch.GetElapsedTime(start);
            book.TakeChanges();
            double megabytes = (GC.GetTotalMemory(forceFullCollection: true) - before) / 1e6;
            rows.Add(
            [
                Table.Whole(step * StepSize), Table.Whole(book.Count), $"{Table.Tenths(megabytes)} MB", $"{Table.Whole(elapsed.TotalNanoseconds / StepSize)} ns",
            ]);
        }

        GC.KeepAlive(flood);
        return new Table(["addresses told", "known", "memory", "each, with its drawing"], rows);
    }
}
