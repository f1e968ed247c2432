using Logos.P2P.Discovery;
using Logos.P2P.Relay;
using Logos.P2P.Storage;
using Logos.P2P.Transport;

namespace Logos.P2P;

/// <summary>What a node stands on. The real world, unless a test or a simulation puts another one in its place.</summary>
internal sealed record NodeEnvironment
{
    /// <summary>How bytes get from node to node.</summary>
    public ITransport Transport { get; init; } = new TcpTransport();

    /// <summary>The time.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Looks up names; the system's DNS when null.</summary>
    public INameResolver? Resolver { get; init; }

    /// <summary>Where the node keeps what it must not forget; what the options say when null. The node disposes it.</summary>
    public IOverlayStore? Store { get; init; }

    /// <summary>The host's place for what the node must not forget; null when it has none.</summary>
    public IKeyValueStorage? HostStorage { get; init; }

    /// <summary>How many descriptors the process may have; null for no limit.</summary>
    public int? Descriptors { get; init; } = DescriptorLimit.Read();

    /// <summary>Makes what decides to whom messages go.</summary>
    public Func<RelayMode, IRelayPolicy> Policy { get; init; } = RelayPolicies.Create;

    /// <summary>Where the node's work runs.</summary>
    public NodeTasks Tasks { get; init; } = new();

    /// <summary>The real world, with what a host brings.</summary>
    public static NodeEnvironment Of(P2PHost? host) => host is null
        ? new NodeEnvironment()
        : new NodeEnvironment
        {
            HostStorage = host.Storage,
            Tasks = new NodeTasks(host.Executor),
            TimeProvider = host.Executor is { } executor ? new ExecutorTimeProvider(executor) : TimeProvider.System,
        };
}
