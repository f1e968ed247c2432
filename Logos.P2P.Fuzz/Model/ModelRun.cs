using Logos.P2P.Fuzz.Engine;
using Logos.P2P.Fuzz.Targets;
using Logos.P2P.Fuzz.World;
using Logos.P2P.Wire;

namespace Logos.P2P.Fuzz.Model;

/// <summary>
/// One conversation: does its actions to a real node in memory and to the model, and compares after each what the node said to whom,
/// what it counted, which connections it ended and why, and what its upper layer was given.
/// </summary>
internal sealed class ModelRun : IDisposable
{
    private const string ManualPeer = "192.0.2.1:14497";

    /// <summary>Between two actions, so that no peer sends faster than it may.</summary>
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(1);

    /// <summary>How much is refused of addresses, which come at a rate of their own, is not the model's business.</summary>
    private static readonly HashSet<DropReason> Unmodelled = [DropReason.AddressRateLimited];

    private readonly FaultLog _log = new();
    private readonly NodeInMemory _node;
    private readonly ModelPeer?[] _peers = new ModelPeer?[ActionSource.PeerCount];
    private readonly ProtocolModel _model;
    private readonly ModelSpeech _speech;
    private int _attached;
    private bool _redialled;

    public ModelRun(RelayMode mode)
    {
        _node = new NodeInMemory(
            new P2POptions
            {
                Network = P2PNetwork.Regtest,
                Relay = mode,
                Connect = [ManualPeer],
                MaxFeelers = 0,
                FixedSeeds = false,
                MaxOutbound = 0,
                MaxQuiet = 0,
            },
            _log);
        _model = new ProtocolModel(mode) { Now = _node.Loop.Now };
        _speech = new ModelSpeech(_model, _node);
    }

    /// <summary>How many steps agreed.</summary>
    public int Steps { get; private set; }

    /// <summary>How many messages of the node, counters and upper layer calls were compared.</summary>
    public long Compared { get; private set; }

    /// <summary>Runs a conversation.</summary>
    /// <returns>What differed first; null when nothing did.</returns>
    public string? Run(IEnumerable<ModelAction> actions)
    {
        foreach (ModelAction action in actions)
        {
            if (Do(action) is { } difference)
                return $"after step {Steps + 1}, {action}: {difference}";
            Steps++;
        }

        try
        {
            _node.Stop();
            _log.RequireNone();
        }
        catch (Exception e) when (e is FuzzFailureException or InvalidOperationException)
        {
            return $"at the end: {e.Message}";
        }

        return null;
    }

    public void Dispose()
    {
        _node.Dispose();
        _log.Dispose();
    }

    private string? Do(ModelAction action)
    {
        bool? answer = null, expected = null;
        switch (action.Kind)
        {
            case ActionKind.Connect:
                Connect(action.Peer);
                break;
            case ActionKind.Pause:
                Pass(ModelSpeech.PauseOf(action.Variant));
                break;
            case ActionKind.Propagate:
                expected = _model.Propagate(action.Item);
                _node.Loop.Do(() => answer = _node.Node.Propagate(ModelMessages.At(action.Item)));
                break;
            case ActionKind.Report:
                expected = _model.Report(action.Item);
                _node.Loop.Do(() => answer = _node.Node.ReportInvalid(ModelMessages.IdOf(action.Item)));
                break;
            default:
                if (_peers[action.Peer] is { } peer && _model.Peers.Contains(peer))
                    _speech.Say(peer, action);
                break;
        }

        Pass(Pace);
        return answer != expected ? $"the program is told {answer} instead of {expected}" : Compare();
    }

    /// <summary>Lets time pass, in pieces so short that nothing that follows from time is seen together with its consequences.</summary>
    private void Pass(TimeSpan duration)
    {
        for (TimeSpan end = _node.Loop.Now + duration; _node.Loop.Now < end;)
        {
            TimeSpan piece = end - _node.Loop.Now;
            _node.Loop.RunFor(piece < NodeDefaults.Heartbeat ? piece : NodeDefaults.Heartbeat);
            _model.Now = _node.Loop.Now;
            Attach();
            _model.TakeTimeouts();
        }
    }

    private void Connect(int slot)
    {
        if (slot == 0 || (_peers[slot] is { } before && _model.Peers.Contains(before)))
            return;
        Add(slot, new ModelPeer(_node.Connect(Handshakes.AddressOf("127.0.0.1")), isManual: false));
    }

    /// <summary>Takes over what the node has dialled.</summary>
    private void Attach()
    {
        while (_attached < _node.Dialled.Count)
        {
            _redialled |= _peers[0] is { } before && _model.Peers.Contains(before);
            var peer = new ModelPeer(_node.Dialled[_attached++], isManual: true);
            peer.Expect(Command.Version);
            Add(0, peer);
        }
    }

    private void Add(int slot, ModelPeer peer)
    {
        _peers[slot] = peer;
        _model.Peers.Add(peer);
    }

    private string? Compare()
    {
        if (_redialled)
            return "it dialled whom it is connected to";
        foreach (ModelPeer? peer in _peers)
        {
            if (peer is null)
                continue;
            foreach (Told told in peer.Connection.TakeTold())
            {
                Compared++;
                // What was on its way to a peer when it ended is of no interest.
                if (peer.State != ModelState.Over && _speech.Hear(peer, told) is { } wrong)
                    return $"{peer.Connection.RemoteEndpoint} is sent {told.Command} {Convert.ToHexStringLower(told.Payload)}: {wrong}";
            }

            bool isOver = peer.State == ModelState.Over;
            if (isOver != peer.Connection.IsClosed && !(isOver && peer.Connection.IsOver))
                return $"the connection to {peer.Connection.RemoteEndpoint} {(isOver ? "was to be" : "is")} ended; {CompareCounters()}";
        }

        return _model.FindDebt() ?? CompareCounters();
    }

    private string? CompareCounters()
    {
        foreach (DropReason reason in Enum.GetValues<DropReason>())
        {
            Compared++;
            long dropped = _node.Node.Metrics.Dropped(reason);
            if (dropped != _model.Drops.GetValueOrDefault(reason) && !Unmodelled.Contains(reason))
                return $"{dropped} were dropped as {reason}, and {_model.Drops.GetValueOrDefault(reason)} should have been";
        }

        foreach (DisconnectReason reason in Enum.GetValues<DisconnectReason>())
        {
            Compared++;
            long ended = _node.Node.Metrics.Disconnected(reason);
            if (ended != _model.Ends.GetValueOrDefault(reason))
                return $"{ended} connections ended by {reason}, and {_model.Ends.GetValueOrDefault(reason)} should have";
        }

        Compared += _model.HandedOver.Count;
        bool isSame = _node.Upper.Received.SequenceEqual(_model.HandedOver);
        _node.Upper.Received.Clear();
        _model.HandedOver.Clear();
        return isSame ? null : "the upper layer was given something else";
    }
}
