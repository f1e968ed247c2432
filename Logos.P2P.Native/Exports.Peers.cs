using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Logos.P2P.Wire;

namespace Logos.P2P.Native;

/// <summary>Peers, addresses, bans, and what a node knows of itself.</summary>
internal static unsafe partial class Exports
{
    [UnmanagedCallersOnly(EntryPoint = "logos_p2p_port", CallConvs = [typeof(CallConvCdecl)])]
    public static int GetPort(nint handle) => Calls.With(
        handle, static node => node.Running.ListeningEndpoints is { Count: > 0 } endpoints ? endpoints[0].Port : 0);

    [UnmanagedCallersOnly(EntryPoint = "logos_p2p_connection_count", CallConvs = [typeof(CallConvCdecl)])]
    public static int CountConnections(nint handle) => Calls.With(handle, static node => node.Running.ConnectionCount);

    [UnmanagedCallersOnly(EntryPoint = "logos_p2p_peers", CallConvs = [typeof(CallConvCdecl)])]
    public static int ListPeers(nint handle, delegate* unmanaged[Cdecl]<void*, NativePeer*, void> each, void* context) =>
        Calls.With(handle, node =>
        {
            if (each is null)
                throw new NativeException(Result.Argument, "each is null.");
            IReadOnlyList<PeerInfo> peers = node.Running.GetPeers();
            foreach (PeerInfo peer in peers)
                Show(peer, each, context);
            return peers.Count;
        });

    [UnmanagedCallersOnly(EntryPoint = "logos_p2p_disconnect", CallConvs = [typeof(CallConvCdecl)])]
    public static int Disconnect(nint handle, long peer) => Calls.With(handle, node => node.Running.Disconnect(peer) ? 1 : 0);

    [UnmanagedCallersOnly(EntryPoint = "logos_p2p_add_peers", CallConvs = [typeof(CallConvCdecl)])]
    public static int AddPeers(nint handle, byte** addresses, nuint count) => Calls.With(handle, node =>
    {
        if (addresses is null && count > 0)
            throw new NativeException(Result.Argument, "addresses is null.");
        P2PNode running = node.Running;
        var endpoints = new List<NetEndpoint>();
        for (nuint i = 0; i < count; i++)
        {
            string text = Text.Read(addresses[i], "An address");
            if (!NetEndpoint.TryParse(text, node.Network.DefaultPort(), out NetEndpoint endpoint))
                break;
            endpoints.Add(endpoint);
        }

        running.AddAddresses(endpoints);
        return endpoints.Count;
    });

    [UnmanagedCallersOnly(EntryPoint = "logos_p2p_get_peers", CallConvs = [typeof(CallConvCdecl)])]
    public static int GetPeers(nint handle, int* next, byte** addresses, nuint count) => Calls.With(handle, node =>
    {
        if (next is null || (addresses is null && count > 0))
            throw new NativeException(Result.Argument, "next or addresses is null.");
        IReadOnlyList<TimedAddress> all = node.Running.GetAddresses();
        if (all.Count == 0)
            return 0;
        int first = (int)((uint)*next % (uint)all.Count);
        int taken = (int)Math.Min(count, (nuint)all.Count);
        for (int i = 0; i < taken; i++)
            addresses[i] = Text.Allocate(all[(first + i) % all.Count].Endpoint.ToString());
        *next = (first + taken) % all.Count;
        return taken;
    });

    [UnmanagedCallersOnly(EntryPoint = "logos_p2p_ban", CallConvs = [typeof(CallConvCdecl)])]
    public static int Ban(nint handle, byte* hosts, long seconds) => Calls.With(handle, node =>
    {
        if (seconds < 0)
            throw new NativeException(Result.Argument, "A ban lasts a second or more; 0 stands for -bantime.");
        // What is longer than a calendar ends with it.
        double most = TimeSpan.MaxValue.TotalSeconds;
        TimeSpan? duration = seconds == 0 ? null : seconds < most ? TimeSpan.FromSeconds(seconds) : TimeSpan.MaxValue;
        return node.Running.Ban(Calls.ReadHosts(Text.Read(hosts, "hosts")), duration) == BanResult.ListFull
            ? throw new NativeException(Result.Full, $"There are {NodeDefaults.MaxBans} bans: lift some, or ban a subnet.")
            : (int)Result.Ok;
    });

    [UnmanagedCallersOnly(EntryPoint = "logos_p2p_unban", CallConvs = [typeof(CallConvCdecl)])]
    public static int Unban(nint handle, byte* hosts) => Calls.With(
        handle, node => node.Running.Unban(Calls.ReadHosts(Text.Read(hosts, "hosts"))) ? 1 : 0);

    [UnmanagedCallersOnly(EntryPoint = "logos_p2p_is_banned", CallConvs = [typeof(CallConvCdecl)])]
    public static int IsBanned(nint handle, byte* host) => Calls.With(
        handle, node => node.Running.IsBanned(Calls.ReadEndpoint(Text.Read(host, "host"), 0).Address) ? 1 : 0);

    [UnmanagedCallersOnly(EntryPoint = "logos_p2p_save_databases", CallConvs = [typeof(CallConvCdecl)])]
    public static int SaveDatabases(nint handle) => Calls.With(handle, static node =>
    {
        node.RequireOutside();
        return node.Wait(node.Running.SaveAsync())
            ? (int)Result.Ok
            : throw new NativeException(Result.Io, "They could not be written; the log says why.");
    });

    [UnmanagedCallersOnly(EntryPoint = "logos_p2p_load_databases", CallConvs = [typeof(CallConvCdecl)])]
    public static int LoadDatabases(nint handle) => Calls.With(handle, static node =>
    {
        node.RequireOutside();
        return node.Wait(node.Running.LoadAsync()) ? 1 : 0;
    });

    [UnmanagedCallersOnly(EntryPoint = "logos_p2p_metrics_json", CallConvs = [typeof(CallConvCdecl)])]
    public static byte* GetMetrics(nint handle)
    {
        byte* text = null;
        Calls.With(handle, node =>
        {
            text = Text.Allocate(MetricsJson.Write(node.Any));
            return (int)Result.Ok;
        });
        return text;
    }

    private static void Show(PeerInfo peer, delegate* unmanaged[Cdecl]<void*, NativePeer*, void> each, void* context)
    {
        fixed (byte* endpoint = Text.Bytes(peer.Endpoint.ToString()),
            userAgent = Text.Bytes(peer.UserAgent),
            kind = Text.Bytes(peer.Kind.ToString().ToLowerInvariant()))
        {
            var native = new NativePeer
            {
                Id = peer.Id,
                Endpoint = endpoint,
                UserAgent = userAgent,
                Kind = kind,
                IsReady = peer.IsReady ? 1 : 0,
                ProtocolVersion = peer.ProtocolVersion,
                ConnectedSeconds = (long)peer.ConnectedFor.TotalSeconds,
                PingMicroseconds = (long?)peer.PingTime?.TotalMicroseconds ?? -1,
                BytesReceived = peer.BytesReceived,
                BytesSent = peer.BytesSent,
            };
            each(context, &native);
        }
    }
}
