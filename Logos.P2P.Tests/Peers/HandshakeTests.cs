using Logos.P2P.Peers;
using Logos.P2P.Wire;
using NUnit.Framework;

namespace Logos.P2P.Tests.Peers;

/// <summary>The handshake as a table: what each message does in each state (overlay.md, H1 to H7).</summary>
internal sealed class HandshakeTests
{
    private const ulong OwnNonce = 4711;

    /// <summary>How far a handshake has come before the message under test.</summary>
    public enum Stage
    {
        Start,
        Introduced,
        Complete,
    }

    private static readonly Command[] Negotiation = [Command.SendAddrV2, Command.Feature];

    private static IEnumerable<TestCaseData> EveryStep()
    {
        HandshakeStep tooEarly = HandshakeStep.Ignore(DropReason.BeforeHandshake);
        HandshakeStep again = HandshakeStep.Ignore(DropReason.RedundantHandshake);
        HandshakeStep violation = HandshakeStep.Disconnect(DisconnectReason.HandshakeViolation);
        var handled = new HandshakeStep(HandshakeAction.NotMine);

        yield return Row(Stage.Start, Command.Version, new HandshakeStep(HandshakeAction.Answer));
        yield return Row(Stage.Introduced, Command.Version, again);
        yield return Row(Stage.Complete, Command.Version, again);

        yield return Row(Stage.Start, Command.Verack, tooEarly);
        yield return Row(Stage.Introduced, Command.Verack, new HandshakeStep(HandshakeAction.Complete));
        yield return Row(Stage.Complete, Command.Verack, again);

        foreach (Command command in Negotiation)
        {
            yield return Row(Stage.Start, command, tooEarly);
            yield return Row(Stage.Introduced, command, new HandshakeStep(HandshakeAction.Wait));
            yield return Row(Stage.Complete, command, violation);
        }

        Command[] others = [.. Enum.GetValues<Command>()
            .Except([Command.Version, Command.Verack, .. Negotiation])];
        foreach (Command command in others)
        {
            yield return Row(Stage.Start, command, tooEarly);
            yield return Row(Stage.Introduced, command, tooEarly);
            yield return Row(Stage.Complete, command, handled);
        }

        static TestCaseData Row(Stage stage, Command command, HandshakeStep step) =>
            new TestCaseData(stage, command, step).SetArgDisplayNames($"{stage}", $"{command}", $"{step.Action}");
    }

    [TestCaseSource(nameof(EveryStep))]
    public void Each_message_means_one_thing_in_each_state(Stage stage, Command command, object expected)
    {
        Handshake handshake = At(stage);

        Assert.That(handshake.Receive(command, PayloadOf(command)), Is.EqualTo((HandshakeStep)expected));
    }

    [Test]
    public void The_table_covers_every_command_in_every_state()
    {
        int states = Enum.GetValues<Stage>().Length;

        Assert.That(EveryStep().Count(), Is.EqualTo(states * Commands.Count));
    }

    [TestCase(Stage.Start, false, false)]
    [TestCase(Stage.Introduced, true, false)]
    [TestCase(Stage.Complete, true, true)]
    public void Only_a_verack_after_a_version_completes_it(Stage stage, bool isStarted, bool isComplete)
    {
        Handshake handshake = At(stage);

        Assert.That(handshake.IsStarted, Is.EqualTo(isStarted));
        Assert.That(handshake.IsComplete, Is.EqualTo(isComplete));
        Assert.That(handshake.PeerVersion, isStarted ? Is.Not.Null : Is.Null);
    }

    [TestCase(int.MinValue, false)]
    [TestCase(-1, false)]
    [TestCase(0, false)]
    [TestCase(31_799, false)]
    [TestCase(70_015, false)]
    [TestCase(ProtocolVersion.Minimum, true)]
    [TestCase(ProtocolVersion.Current, true)]
    [TestCase(ProtocolVersion.Current + 1, true)]
    [TestCase(int.MaxValue, true)]
    public void A_version_below_the_minimum_is_obsolete_and_a_newer_one_is_not(int version, bool isAccepted)
    {
        HandshakeStep step = New().Receive(Command.Version, Bytes(Version() with { ProtocolVersion = version }));

        Assert.That(
            step,
            Is.EqualTo(isAccepted
                ? new HandshakeStep(HandshakeAction.Answer)
                : HandshakeStep.Disconnect(DisconnectReason.ObsoleteVersion)));
    }

    [Test]
    public void A_refused_version_is_shown_but_does_not_start_the_handshake()
    {
        Handshake handshake = New();

        handshake.Receive(Command.Version, Bytes(Version() with { ProtocolVersion = 1 }));

        Assert.That(handshake.PeerVersion?.ProtocolVersion, Is.EqualTo(1));
        Assert.That(handshake.IsStarted, Is.False);
    }

    [Test]
    public void A_newer_version_with_fields_we_do_not_know_is_accepted([Values(1, 8, 300)] int more)
    {
        byte[] payload = [.. Bytes(Version() with { ProtocolVersion = 80_000 }), .. new byte[more]];

        Assert.That(New().Receive(Command.Version, payload).Action, Is.EqualTo(HandshakeAction.Answer));
    }

    [Test]
    public void A_version_without_the_relay_byte_of_old_is_accepted()
    {
        byte[] payload = Bytes(Version())[..^1];

        Assert.That(New().Receive(Command.Version, payload).Action, Is.EqualTo(HandshakeAction.Answer));
    }

    [Test]
    public void A_version_that_ends_early_anywhere_is_a_violation()
    {
        byte[] payload = Bytes(Version() with { UserAgent = "/abc/" });

        for (int length = 0; length < payload.Length - 1; length++)
        {
            Assert.That(
                New().Receive(Command.Version, payload.AsSpan(0, length)),
                Is.EqualTo(HandshakeStep.Disconnect(DisconnectReason.HandshakeViolation)),
                $"{length} bytes");
        }
    }

    [TestCase(256, true)]
    [TestCase(257, false)]
    public void A_user_agent_has_256_bytes_at_most(int length, bool isAccepted)
    {
        byte[] empty = Bytes(Version() with { UserAgent = "" });
        // The length of the user agent stands 5 bytes and itself before the end: height 4, relay 1.
        byte[] payload = [.. empty[..^6], 0xFD, (byte)length, (byte)(length >> 8), .. new byte[length], .. empty[^5..]];

        Assert.That(
            New().Receive(Command.Version, payload).Action,
            Is.EqualTo(isAccepted ? HandshakeAction.Answer : HandshakeAction.Disconnect));
    }

    [TestCase(Services.Logos, Services.Logos, true)]
    [TestCase(Services.Logos, Services.Logos | (Services)9, true)]
    [TestCase(Services.Logos, Services.None, false)]
    [TestCase(Services.Logos, (Services)0xFF, false)]
    [TestCase(Services.None, Services.None, true)]
    public void Only_those_we_dialled_must_offer_our_service(Services required, Services offered, bool isAccepted)
    {
        HandshakeStep step = New(required).Receive(Command.Version, Bytes(Version() with { Services = offered }));

        Assert.That(
            step,
            Is.EqualTo(isAccepted
                ? new HandshakeStep(HandshakeAction.Answer)
                : HandshakeStep.Disconnect(DisconnectReason.MissingServices)));
    }

    [Test]
    public void Our_own_nonce_means_ourselves_whatever_else_is_wrong()
    {
        VersionMessage version = Version() with
        {
            Nonce = OwnNonce,
            ProtocolVersion = 1,
            Services = Services.None,
        };

        Assert.That(
            New(Services.Logos).Receive(Command.Version, Bytes(version)),
            Is.EqualTo(HandshakeStep.Disconnect(DisconnectReason.SelfConnection)));
    }

    [TestCase(0, 0, false)]
    [TestCase(3, 0, false)]
    [TestCase(4, 0, true)]
    [TestCase(80, 0, true)]
    [TestCase(81, 0, false)]
    [TestCase(4, 512, true)]
    [TestCase(4, 513, false)]
    [TestCase(80, 512, true)]
    public void A_feature_has_an_id_of_4_to_80_bytes_and_data_up_to_512(int id, int data, bool isAccepted) => Assert.That(
        At(Stage.Introduced).Receive(Command.Feature, Feature(new byte[id], new byte[data])),
        Is.EqualTo(isAccepted
            ? new HandshakeStep(HandshakeAction.Wait)
            : HandshakeStep.Disconnect(DisconnectReason.HandshakeViolation)));

    [Test]
    public void A_feature_with_a_byte_too_many_or_too_few_is_a_violation()
    {
        byte[] feature = Feature("abcd"u8, "data"u8);

        Assert.That(
            At(Stage.Introduced).Receive(Command.Feature, [.. feature, 0]),
            Is.EqualTo(HandshakeStep.Disconnect(DisconnectReason.HandshakeViolation)));
        for (int length = 0; length < feature.Length; length++)
        {
            Assert.That(
                At(Stage.Introduced).Receive(Command.Feature, feature.AsSpan(0, length)),
                Is.EqualTo(HandshakeStep.Disconnect(DisconnectReason.HandshakeViolation)),
                $"{length} bytes");
        }
    }

    [Test]
    public void Even_a_malformed_feature_before_version_is_ignored() => Assert.That(
        At(Stage.Start).Receive(Command.Feature, []),
        Is.EqualTo(HandshakeStep.Ignore(DropReason.BeforeHandshake)));

    [Test]
    public void Sixteen_features_that_nobody_knows_are_taken_in_any_order_with_sendaddrv2()
    {
        Handshake handshake = At(Stage.Introduced);
        for (byte i = 0; i < 16; i++)
        {
            byte[] notAscii = [0xFF, 0x00, 0x80, i];
            Assert.That(
                handshake.Receive(Command.Feature, Feature(notAscii, [i])).Action, Is.EqualTo(HandshakeAction.Wait));
            if (i == 7)
                Assert.That(handshake.Receive(Command.SendAddrV2, []).Action, Is.EqualTo(HandshakeAction.Wait));
        }

        Assert.That(handshake.Receive(Command.Verack, []).Action, Is.EqualTo(HandshakeAction.Complete));
        Assert.That(handshake.WantsAddrV2, Is.True);
    }

    [Test]
    public void Whoever_offers_our_relay_says_under_which_key_messages_are_to_be_named_to_it()
    {
        Handshake handshake = At(Stage.Introduced);
        Assert.That(handshake.RelayKey, Is.Null);

        handshake.Receive(Command.Feature, Feature("logos.other"u8, new byte[16]));
        Assert.That(handshake.RelayKey, Is.Null, "Another feature.");
        handshake.Receive(Command.Feature, Feature("logos.relay"u8, [1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0]));

        Assert.That(handshake.RelayKey, Is.EqualTo(new ShortIdKey(1, 2)));
    }

    [TestCase(0, false)]
    [TestCase(15, false)]
    [TestCase(16, true)]
    [TestCase(17, true, Description = "What follows the key is for later versions.")]
    [TestCase(512, true)]
    public void Our_relay_offered_without_a_whole_key_is_a_violation(int length, bool isAccepted)
    {
        Handshake handshake = At(Stage.Introduced);

        HandshakeStep step = handshake.Receive(Command.Feature, Feature("logos.relay"u8, new byte[length]));

        Assert.That(
            step,
            Is.EqualTo(isAccepted
                ? new HandshakeStep(HandshakeAction.Wait)
                : HandshakeStep.Disconnect(DisconnectReason.HandshakeViolation)));
        Assert.That(handshake.RelayKey, isAccepted ? Is.EqualTo(new ShortIdKey(0, 0)) : Is.Null);
    }

    [TestCase(Stage.Start)]
    [TestCase(Stage.Complete)]
    public void Our_relay_offered_at_the_wrong_time_is_not_noted(Stage stage)
    {
        Handshake handshake = At(stage);

        handshake.Receive(Command.Feature, Feature("logos.relay"u8, new byte[16]));

        Assert.That(handshake.RelayKey, Is.Null);
    }

    [TestCase(ProtocolVersion.Current - 1, false)]
    [TestCase(ProtocolVersion.Current, true)]
    public void What_a_peer_offers_that_is_too_old_to_be_offered_features_is_ignored(int version, bool isNoted)
    {
        Handshake handshake = New();
        handshake.Receive(Command.Version, Bytes(Version() with { ProtocolVersion = version }));

        HandshakeStep step = handshake.Receive(Command.Feature, Feature("logos.relay"u8, new byte[16]));

        Assert.That(step, Is.EqualTo(new HandshakeStep(HandshakeAction.Wait)));
        Assert.That(handshake.RelayKey, isNoted ? Is.EqualTo(new ShortIdKey(0, 0)) : Is.Null);
    }

    [Test]
    public void Addrv2_is_wanted_only_by_those_who_asked_at_the_right_time()
    {
        Handshake handshake = At(Stage.Start);
        handshake.Receive(Command.SendAddrV2, []);
        Assert.That(handshake.WantsAddrV2, Is.False, "It came before version.");

        handshake.Receive(Command.Version, Bytes(Version()));
        handshake.Receive(Command.Verack, []);
        handshake.Receive(Command.SendAddrV2, []);
        Assert.That(handshake.WantsAddrV2, Is.False, "It came after verack.");
    }

    [Test]
    public void A_second_version_changes_nothing_of_what_the_first_one_said()
    {
        Handshake handshake = At(Stage.Introduced);

        handshake.Receive(Command.Version, Bytes(Version() with { UserAgent = "/liar/" }));

        Assert.That(handshake.PeerVersion!.UserAgent, Is.EqualTo(Version().UserAgent));
    }

    private static Handshake New(Services required = Services.None) => new(required, nonce => nonce == OwnNonce);

    private static Handshake At(Stage stage)
    {
        Handshake handshake = New();
        if (stage >= Stage.Introduced)
            handshake.Receive(Command.Version, Bytes(Version()));
        if (stage == Stage.Complete)
            handshake.Receive(Command.Verack, []);
        return handshake;
    }

    private static VersionMessage Version() => new()
    {
        ProtocolVersion = ProtocolVersion.Current,
        Services = Services.Logos,
        Time = 1_785_000_000,
        Receiver = NetEndpoint.None,
        Nonce = 1,
        UserAgent = "/test/",
    };

    private static byte[] PayloadOf(Command command) => command switch
    {
        Command.Version => Bytes(Version()),
        Command.Feature => Feature("abcd"u8, []),
        _ => [],
    };

    private static byte[] Bytes(VersionMessage version)
    {
        byte[] bytes = new byte[version.GetSize()];
        version.Write(bytes);
        return bytes;
    }

    /// <summary>Also those that our own writer refuses.</summary>
    private static byte[] Feature(ReadOnlySpan<byte> id, ReadOnlySpan<byte> data) =>
        [.. WithLength(id), .. WithLength(data)];

    private static byte[] WithLength(ReadOnlySpan<byte> bytes) => bytes.Length < 0xFD
        ? [(byte)bytes.Length, .. bytes]
        : [0xFD, (byte)bytes.Length, (byte)(bytes.Length >> 8), .. bytes];
}
