using Logos.P2P.Wire;

namespace Logos.P2P.Simulation.AddressBook;

/// <summary>
/// The honest nodes of the world: they come and go, and after a month or so go for good, while another comes elsewhere.
/// What is told of them lags behind, as it does in a real network.
/// </summary>
internal sealed class HonestNetwork
{
    /// <summary>
    /// Those departed for good of whom others still tell: Bitcoin's address managers forget after 30 days, in which this
    /// world loses about as many nodes as it has.
    /// </summary>
    private static readonly TimeSpan Remembered = TimeSpan.FromDays(30);

    // Up 60 % of the time; one in six who goes down stays away: after 30 days on average.
    private static readonly TimeSpan MeanUp = TimeSpan.FromDays(3);
    private static readonly TimeSpan MeanDown = TimeSpan.FromDays(2);
    private const double DepartureChance = 1.0 / 6;

    /// <summary>A node tells its own address about once a day.</summary>
    private const int AdvertisementSeconds = 24 * 60 * 60;

    private readonly SimulationClock _clock;
    private readonly Random _random;
    private readonly Node[] _nodes;
    private readonly Dictionary<NetEndpoint, Node> _byEndpoint = [];
    private readonly PriorityQueue<Node, TimeSpan> _changes = new();
    private readonly Queue<Node> _departed = [];

    public HonestNetwork(int count, SimulationClock clock, Random random)
    {
        _clock = clock;
        _random = random;
        _nodes = new Node[count];
        for (int i = 0; i < count; i++)
            Settle(i, isUp: random.NextDouble() < MeanUp / (MeanUp + MeanDown));
    }

    public bool IsUp(NetEndpoint endpoint) => _byEndpoint.TryGetValue(endpoint, out Node? node) && node.IsUp;

    /// <summary>Lets happen what is due.</summary>
    public void Tick()
    {
        while (_changes.TryPeek(out Node? node, out TimeSpan due) && due <= _clock.Now)
        {
            _changes.Dequeue();
            if (!node.IsUp)
                Change(node, isUp: true);
            else if (_random.NextDouble() < DepartureChance)
                Depart(node);
            else
                Change(node, isUp: false);
        }

        while (_departed.TryPeek(out Node? gone) && _clock.Now - gone.Since > Remembered)
            _departed.Dequeue();
    }

    /// <summary>A node that has just told its own address: what peers pass on as news.</summary>
    public TimedAddress DrawNews()
    {
        Node node;
        do
            node = _nodes[_random.Next(_nodes.Length)];
        while (!node.IsUp);
        return Timed(node, age: _random.Next(10 * 60));
    }

    /// <summary>Addresses from the book of some other node: as likely to be of use as such are.</summary>
    public TimedAddress[] DrawAnswer(int count)
    {
        Node[] departed = [.. _departed];
        var answer = new TimedAddress[count];
        for (int i = 0; i < count; i++)
        {
            int index = _random.Next(_nodes.Length + departed.Length);
            Node node = index < _nodes.Length ? _nodes[index] : departed[index - _nodes.Length];
            long away = node.IsUp ? 0 : (long)(_clock.Now - node.Since).TotalSeconds;
            answer[i] = Timed(node, away + _random.Next(AdvertisementSeconds));
        }

        return answer;
    }

    private TimedAddress Timed(Node node, long age) =>
        new(node.Endpoint, Services.Logos, (uint)(_clock.UnixSeconds - age));

    private void Depart(Node node)
    {
        node.IsUp = false;
        node.Since = _clock.Now;
        _byEndpoint.Remove(node.Endpoint);
        _departed.Enqueue(node);
        Settle(node.Index, isUp: true);
    }

    private void Settle(int index, bool isUp)
    {
        NetEndpoint endpoint;
        do
            endpoint = SimulatedAddresses.DrawHonest(_random);
        while (_byEndpoint.ContainsKey(endpoint));
        var node = new Node(index, endpoint);
        _nodes[index] = node;
        _byEndpoint.Add(endpoint, node);
        Change(node, isUp);
    }

    private void Change(Node node, bool isUp)
    {
        node.IsUp = isUp;
        node.Since = _clock.Now;
        TimeSpan mean = isUp ? MeanUp : MeanDown;
        _changes.Enqueue(node, _clock.Now + (mean * -Math.Log(1 - _random.NextDouble())));
    }

    private sealed class Node(int index, NetEndpoint endpoint)
    {
        public int Index => index;

        public NetEndpoint Endpoint => endpoint;

        public bool IsUp { get; set; }

        /// <summary>When it came up or went down.</summary>
        public TimeSpan Since { get; set; }
    }
}
