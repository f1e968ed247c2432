using Logos.P2P.AddrMan;
using Logos.P2P.Wire;

namespace Logos.P2P.Simulation.AddressBook;

/// <summary>
/// How likely the attacker is to be picked, from many draws of the book that are not acted on. Picks of honest nodes that
/// are down count for nobody: the dial fails and the next is drawn. So a pick is the attacker's with the probability
/// (draws of his) / (draws of his + draws of honest nodes that are up), and all eight with the product, in which a /16 once
/// picked drops out. A product shows probabilities far below one in the number of draws.
/// </summary>
internal sealed class EclipseOdds
{
    private const int Draws = 50_000;

    /// <summary>Orders in which the /16s may be picked: the product hardly depends on it, as all are alike.</summary>
    private const int Orders = 200;

    private readonly Dictionary<NetGroup, int> _attacker = [];
    private int _attackerTotal;
    private int _honest;

    private EclipseOdds()
    {
    }

    /// <summary>The chance that one pick is the attacker's.</summary>
    public double OnePick => Chance(_attackerTotal);

    public static EclipseOdds Of(AddressManager book, HonestNetwork honest)
    {
        var odds = new EclipseOdds();
        for (int i = 0; i < Draws && book.Select() is { } drawn; i++)
        {
            NetEndpoint endpoint = drawn.Address.Endpoint;
            if (SimulatedAddresses.IsAttacker(endpoint))
                odds.Count(PrefixGrouping.Instance.GroupOf(endpoint));
            else if (honest.IsUp(endpoint))
                odds._honest++;
        }

        return odds;
    }

    /// <summary>The chance that all of so many picks are the attacker's, with no two in one /16 if that is the rule.</summary>
    public double AllPicks(int count, bool onePerGroup, Random random)
    {
        if (!onePerGroup)
            return Math.Pow(OnePick, count);
        if (_attacker.Count < count)
            return 0;

        double sum = 0;
        for (int order = 0; order < Orders; order++)
        {
            double product = 1;
            int left = _attackerTotal;
            var taken = new HashSet<NetGroup>();
            for (int pick = 0; pick < count; pick++)
            {
                product *= Chance(left);
                NetGroup group = DrawGroup(taken, left, random);
                taken.Add(group);
                left -= _attacker[group];
            }

            sum += product;
        }

        return sum / Orders;
    }

    private void Count(NetGroup group)
    {
        _attacker[group] = _attacker.GetValueOrDefault(group) + 1;
        _attackerTotal++;
    }

    private double Chance(int attacker) => attacker == 0 ? 0 : (double)attacker / (attacker + _honest);

    private NetGroup DrawGroup(HashSet<NetGroup> taken, int left, Random random)
    {
        int ticket = random.Next(left);
        foreach ((NetGroup group, int weight) in _attacker)
        {
            if (!taken.Contains(group) && (ticket -= weight) < 0)
                return group;
        }

        throw new InvalidOperationException("The weights do not add up.");
    }
}
