using Logos.P2P.AddrMan;
using Logos.P2P.Fuzz.Storage;
using Logos.P2P.Storage;
using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests.Storage.Crash;

/// <summary>
/// A process that stores all kinds of things is ended at each thing that it does to its files. The next start opens them, and knows
/// what was said to be stored, and perhaps the one step more that was being done.
/// </summary>
[Platform("Linux")]
internal sealed class PowerCutTests
{
    private const P2PNetwork Network = P2PNetwork.Regtest;

    private static readonly ParallelOptions TwoAtOnce = new() { MaxDegreeOfParallelism = 2 };

    private PowerCut? _powerCut;

    [OneTimeSetUp]
    public void Build()
    {
        if (!PowerCut.CanBuild)
            Assert.Ignore("gcc is not installed (eng/prepare --dev).");
        _powerCut = new PowerCut();
    }

    [OneTimeTearDown]
    public void CleanUp() => _powerCut?.Dispose();

    [Test]
    public Task Whichever_write_is_the_last_the_next_start_knows_what_was_stored() => CutEverywhereAsync(CutMode.Before, seeds: 1);

    [Test]
    public Task When_the_power_fails_nothing_is_lost_that_was_said_to_be_stored() => CutEverywhereAsync(CutMode.Lost, seeds: 1);

    [Test]
    [Explicit("It takes minutes.")]
    [Category("Long")]
    public Task A_write_of_which_half_is_done_does_no_harm() => CutEverywhereAsync(CutMode.Torn, seeds: 1);

    [Test]
    [Explicit("It takes minutes.")]
    [Category("Long")]
    public Task Whichever_of_the_writes_that_were_not_flushed_are_lost_the_next_start_knows_what_was_stored() =>
        CutEverywhereAsync(CutMode.Lost, seeds: 16);

    private async Task CutEverywhereAsync(CutMode mode, int seeds)
    {
        int count;
        using (var whole = new TemporaryDirectory())
        {
            count = await _powerCut!.CountAsync(whole.Path);
            var script = new StorageScript(whole.Path);
            await CheckAsync(whole.Path, script, script.Count, "without a cut");
        }

        IEnumerable<(int At, int Seed)> cuts =
            from at in Enumerable.Range(1, count)
            from seed in Enumerable.Range(0, seeds)
            select (at, seed);
        await Parallel.ForEachAsync(cuts, TwoAtOnce, async (cut, _) =>
        {
            using var directory = new TemporaryDirectory();
            int steps = await _powerCut!.CutAsync(directory.Path, cut.At, mode, cut.Seed);
            await CheckAsync(directory.Path, new StorageScript(directory.Path), steps, $"operation {cut.At} of {count}, {mode}, seed {cut.Seed}");
        });
        TestContext.Out.WriteLine($"{count} operations, {count * seeds} cuts");
        Assert.That(count, Is.GreaterThan(30), "The script should do more than that.");
    }

    private static async Task CheckAsync(string directory, StorageScript script, int steps, string what)
    {
        StoredState certain = script.After(steps), possible = script.After(Math.Min(steps + 1, script.Count));
        StoredState found = Read(directory);
        Assert.That(IsOneOf(found, certain, possible), $"{what}: {steps} steps were done. Found {Describe(found)} instead of {Describe(certain)} or {Describe(possible)}.");

        // And the node itself starts on it.
        await using var node = new P2PNode(
            new P2POptions { Network = Network, DataDirectory = directory, Listen = false, Connect = ["0"], FixedSeeds = false },
            new RecordingHandler());
        await node.StartAsync();
        if (steps > 0)
            Assert.That(node.Inside!.Book.Count, Is.GreaterThan(0), what);
        await node.StopAsync();
    }

    private static StoredState Read(string directory)
    {
        string path = NodeSettings.NetworkDirectory(directory, Network);
        PeersImage? image = Directory.Exists(path)
            ? PeersFileStore.Load(AddressBookFiles.PeersFilePath(directory, Network), Network, out _)
            : null;
        if (!LmdbStore.Exists(path))
            return new StoredState { Image = image?.Entries.Count };
        using LmdbStore store = LmdbStore.Open(path, Network, () => new byte[AddrManParameters.KeySize]);
        StoredBook book = store.LoadAddresses();
        IReadOnlyList<Ban> bans = store.LoadBans(out int damagedBans);
        IReadOnlyList<Anchor> anchors = store.TakeAnchors(out bool areDamaged);
        Assert.That((book.Unreadable, damagedBans, areDamaged), Is.EqualTo((0, 0, false)));
        // They were taken, and belong to the next start.
        store.SaveAnchors(anchors);
        return new StoredState
        {
            Addresses = [.. book.Entries.Select(entry => entry.Endpoint)],
            Bans = [.. bans.Select(ban => ban.Hosts)],
            Anchors = [.. anchors.Select(anchor => anchor.Endpoint)],
            Image = image?.Entries.Count,
        };
    }

    private static bool IsOneOf(StoredState found, params StoredState[] states) => states.Any(state =>
        state.Addresses.SetEquals(found.Addresses)
        && state.Bans.SetEquals(found.Bans)
        && state.Anchors.SequenceEqual(found.Anchors)
        && state.Image == found.Image);

    private static string Describe(StoredState state) =>
        $"({state.Addresses.Count} addresses, {state.Bans.Count} bans, {state.Anchors.Count} anchors, image of {state.Image?.ToString() ?? "nothing"})";
}
