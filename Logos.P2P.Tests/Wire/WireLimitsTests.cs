using System.Numerics;
using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests.Wire;

/// <summary>What the wire promised (the values) and what one limit promises another (the relations).</summary>
public sealed class WireLimitsTests
{
    private static readonly TestCaseData[] Frozen =
    [
        new(nameof(WireLimits.HeaderSize), WireLimits.HeaderSize, 24),
        new(nameof(WireLimits.MaxPayload), WireLimits.MaxPayload, 4_000_000),
        new(nameof(WireLimits.MaxHandshakePayload), WireLimits.MaxHandshakePayload, 1024),
        new(nameof(WireLimits.ReadAhead), WireLimits.ReadAhead, 262_144),
        new(nameof(WireLimits.MaxAddresses), WireLimits.MaxAddresses, 1000),
        new(nameof(WireLimits.MaxInventory), WireLimits.MaxInventory, 50_000),
        new(nameof(WireLimits.MaxUserAgent), WireLimits.MaxUserAgent, 256),
        new(nameof(WireLimits.MinFeatureId), WireLimits.MinFeatureId, 4),
        new(nameof(WireLimits.MaxFeatureId), WireLimits.MaxFeatureId, 80),
        new(nameof(WireLimits.MaxFeatureData), WireLimits.MaxFeatureData, 512),
        new(nameof(ProtocolVersion.Minimum), ProtocolVersion.Minimum, 70016),
        new(nameof(ProtocolVersion.Current), ProtocolVersion.Current, 70017),
        new(nameof(InventoryCodec.LogosType), (int)InventoryCodec.LogosType, 0x4C),
        new(nameof(Services.Logos), (int)Services.Logos, 1 << 24),
    ];

    private static readonly Command[] AllCommands = Enum.GetValues<Command>();

    [TestCaseSource(nameof(Frozen))]
    public void A_frozen_number_stays(string name, int value, int frozen)
    {
        Assert.That(value, Is.EqualTo(frozen), name);
    }

    [TestCaseSource(nameof(AllCommands))]
    public void No_command_may_be_larger_than_any_message_may(Command command)
    {
        Assert.That(command.MaxPayload(), Is.InRange(0, WireLimits.MaxPayload));
    }

    [TestCase(Command.Version)]
    [TestCase(Command.Verack)]
    [TestCase(Command.SendAddrV2)]
    [TestCase(Command.Feature)]
    public void Everything_said_in_a_handshake_fits_before_it_is_complete(Command command)
    {
        Assert.That(command.MaxPayload(), Is.LessThanOrEqualTo(WireLimits.MaxHandshakePayload));
    }

    [Test]
    public void The_largest_version_message_fits()
    {
        var message = new VersionMessage
        {
            ProtocolVersion = ProtocolVersion.Current,
            Services = Services.Logos,
            Time = 0,
            Receiver = NetEndpoint.None,
            Nonce = 0,
            UserAgent = new string('x', WireLimits.MaxUserAgent),
        };

        Assert.That(message.GetSize(), Is.LessThanOrEqualTo(Command.Version.MaxPayload()));
    }

    [Test]
    public void The_largest_feature_message_fits()
    {
        var message = new FeatureMessage(new byte[WireLimits.MaxFeatureId], new byte[WireLimits.MaxFeatureData]);

        Assert.That(message.GetSize(), Is.LessThanOrEqualTo(Command.Feature.MaxPayload()));
    }

    [Test]
    public void The_largest_address_lists_fit_exactly()
    {
        Assert.That(Command.Addr.MaxPayload(), Is.EqualTo(3 + (1000 * 30)));
        Assert.That(Command.AddrV2.MaxPayload(), Is.EqualTo(3 + (1000 * (4 + 9 + 1 + 3 + 512 + 2))));
    }

    [TestCase(Command.Inv)]
    [TestCase(Command.GetData)]
    [TestCase(Command.NotFound)]
    public void The_largest_inventory_fits_exactly(Command command)
    {
        Assert.That(command.MaxPayload(), Is.EqualTo(3 + (50_000 * 36)));
        Assert.That(InventoryCodec.GetSize(WireLimits.MaxInventory), Is.EqualTo(command.MaxPayload()));
    }

    [Test]
    public void The_read_ahead_is_a_power_of_two_that_a_small_part_of_a_message_fills()
    {
        Assert.That(BitOperations.IsPow2(WireLimits.ReadAhead), "Pooled buffers double up to it.");
        Assert.That(WireLimits.ReadAhead, Is.LessThan(WireLimits.MaxPayload / 8));
        Assert.That(WireLimits.ReadAhead, Is.GreaterThan(WireLimits.MaxHandshakePayload + WireLimits.HeaderSize));
    }

    [Test]
    public void The_pool_can_keep_the_largest_frame()
    {
        Assert.That(FramePool.MaxRetainedBytes, Is.GreaterThan(WireLimits.MaxPayload + WireLimits.ReadAhead));
    }

    [Test]
    public void A_feature_id_may_be_as_short_as_it_must_be_long()
    {
        Assert.That(WireLimits.MinFeatureId, Is.Positive.And.LessThan(WireLimits.MaxFeatureId));
    }

    [Test]
    public void The_longest_address_allowed_holds_every_known_one()
    {
        Assert.That(AddressCodec.MaxV2AddressLength, Is.EqualTo(512).And.GreaterThan(NetAddress.MaxLength));
        Assert.That(Enum.GetValues<NetworkId>().Max(NetAddress.LengthOf), Is.EqualTo(NetAddress.MaxLength));
    }

    [Test]
    public void Our_version_is_not_older_than_the_oldest_we_accept()
    {
        Assert.That(ProtocolVersion.Current, Is.GreaterThanOrEqualTo(ProtocolVersion.Minimum));
    }
}
