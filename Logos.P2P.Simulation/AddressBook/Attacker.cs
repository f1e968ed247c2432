using Logos.P2P.Wire;

namespace Logos.P2P.Simulation.AddressBook;

/// <summary>
/// Has nodes in a number of /16s that all answer, and tells of them as fresh and as fast as he may. He draws from all he
/// has: an address told twice by the same group of sources would only get the place it has.
/// </summary>
internal sealed class Attacker(AttackParameters parameters, SimulationClock clock, Random random)
{
    /// <summary>Where the connections come from that he makes: from as many /16s as he can.</summary>
    public IEnumerable<NetEndpoint> Peers =>
        Enumerable.Range(0, parameters.Peers)
            .Select(i => SimulatedAddresses.OfAttacker(i % parameters.Groups, (i / parameters.Groups) + 1));

    public TimedAddress Draw()
    {
        int group = random.Next(parameters.Groups);
        int host = random.Next(parameters.AddressesPerGroup);
        return new TimedAddress(
            SimulatedAddresses.OfAttacker(group, host), Services.Logos, (uint)clock.UnixSeconds);
    }
}
