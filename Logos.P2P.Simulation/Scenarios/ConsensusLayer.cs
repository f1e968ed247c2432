using Logos.P2P.Simulation.Nodes;
using Logos.P2P.Wire;

namespace Logos.P2P.Simulation.Scenarios;

/// <summary>
/// The upper layer of a node that takes part in <see cref="Consensus"/>. A post-commit is passed on at once, as its signature is all
/// that a quick check can look at: a batch in chunks from its first one on, and one by short ids while what it names and is not here
/// is fetched from whoever brought it.
/// </summary>
/// <param name="node">The node.</param>
/// <param name="network">The network.</param>
/// <param name="current">The post-commit that is on its way; null between them.</param>
internal sealed class ConsensusLayer(SimulatedNode node, SimulatedNetwork network, Func<PostCommit?> current) : IMessageHandler
{
    /// <summary>When a node gives up: long after all others have all.</summary>
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    public bool IsQuick => true;

    public uint Origin(ReadOnlySpan<byte> message) => network.HasLabels ? MessageLog.LabelOf(message) : 0;

    public Verdict ReceivePrefix(in ReceivedMessage prefix) => Verdict.Propagate;

    public Verdict Receive(in ReceivedMessage message)
    {
        if (current() is not { } postCommit)
            return Verdict.Propagate;
        ReadOnlySpan<byte> body = message.Data[PostCommit.HeaderSize..];
        switch ((PostCommit.Kind)message.Data[0])
        {
            case PostCommit.Kind.Batch:
                Complete(postCommit);
                break;
            case PostCommit.Kind.ShortIds
                when ShortIdKey.TryRead(body, out ShortIdKey key) && ShortIds.TryRead(body[ShortIdKey.Size..], out ShortIdList list):
                postCommit.Lacked += node.Node!.Resolve(list, key).Count(id => id.Resolution == Resolution.Missing);
                network.Follow(CompleteAsync(
                    postCommit, node.Node.FetchAsync(list, key, message.PeerId, Deadline)));
                break;
        }

        return Verdict.Propagate;
    }

    private async Task CompleteAsync(PostCommit postCommit, Task<FetchResult> fetch)
    {
        FetchResult result = await fetch;
        if (result.IsComplete && result.Messages.Select(message => message.Id).SequenceEqual(postCommit.Ids))
            Complete(postCommit);
        else
            network.Violate($"Node {node.Index} did not get the transactions of a post-commit.");
    }

    private void Complete(PostCommit postCommit) => postCommit.Progress?.Arrive(node.Index, node.Lives, 0, network.Loop.Now);
}
