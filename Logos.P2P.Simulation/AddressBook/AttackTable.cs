namespace Logos.P2P.Simulation.AddressBook;

/// <summary>The attacks that `docs/robustness.md` shows.</summary>
public static class AttackTable
{
    /// <summary>The name of each row and its attack, under seed 1.</summary>
    public static IEnumerable<(string Name, AttackParameters Parameters)> Rows
    {
        get
        {
            foreach (int groups in (int[])[1, 4, 8, 32, 64, 256])
            {
                foreach (int peers in (int[])[1, 8])
                    yield return Row(groups, peers);
            }

            AttackParameters strong = Row(groups: 32, peers: 8).Parameters;
            yield return ("32 /16s, 8 peers, no test before evict", strong with { TestBeforeEvict = false });
            yield return ("32 /16s, 8 peers, no feelers", strong with { Feelers = false });
            yield return ("32 /16s, 8 peers, several peers in one /16", strong with { OnePerGroup = false });
            yield return ("32 /16s, 8 peers, half of all honest gossip is his", strong with { PollutedGossip = 0.5 });
            yield return ("32 /16s with 256 addresses each, 8 peers", strong with { AddressesPerGroup = 256 });
            yield return (
                "4,600 /16s with 1 address each, 8 peers", strong with { Groups = 4600, AddressesPerGroup = 1 });
        }
    }

    private static (string Name, AttackParameters Parameters) Row(int groups, int peers) => (
        $"{groups} /16{(groups == 1 ? "" : "s")}, {peers} peer{(peers == 1 ? "" : "s")}",
        new AttackParameters { Groups = groups, Peers = peers });
}
