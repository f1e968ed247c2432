using System.Runtime.InteropServices;
using Logos.P2P.Wire;

namespace Logos.P2P.Native;

/// <summary>The host as the node's upper layer. What the host leaves null is as <see cref="IMessageHandler"/> has it.</summary>
/// <remarks>The functions are C: no exception comes out of them, so nothing here sees to one.</remarks>
/// <param name="host">Its functions.</param>
/// <param name="gate">What they are called through.</param>
internal sealed unsafe class HostHandler(NativeHost host, CallGate gate) : IMessageHandler
{
    public bool IsQuick => host.Inline != 0;

    public Verdict Receive(in ReceivedMessage message)
    {
        if (host.Judge is not null)
            return Judge(host.Judge, message);
        if (host.Receive is null)
            return Verdict.Propagate;
        return Ask(host.Receive, message.Data) ? Verdict.Propagate : Verdict.Consume;
    }

    public Verdict ReceivePrefix(in ReceivedMessage prefix) =>
        host.JudgeBeginning is null ? Verdict.Consume : Judge(host.JudgeBeginning, prefix);

    public void ReceiveDirect(in ReceivedMessage message)
    {
        if (host.ReceiveDirect is null || !gate.TryEnter())
            return;
        MessageId id = message.Id;
        fixed (byte* data = &Begin(message.Data), name = id.Bytes)
        {
            var native = new NativeMessage { Data = data, Size = (nuint)message.Data.Length, Id = name, Peer = message.PeerId };
            host.ReceiveDirect(host.Context, &native);
        }

        gate.Leave();
    }

    public bool IsImportant(ReadOnlySpan<byte> message) => Ask(host.IsImportant, message);

    public bool IsUrgent(ReadOnlySpan<byte> message) => Ask(host.IsUrgent, message);

    public ulong ImportantKey(ReadOnlySpan<byte> message)
    {
        if (host.ImportantKey is null || !gate.TryEnter())
            return 0;
        fixed (byte* data = &Begin(message))
        {
            ulong key = host.ImportantKey(host.Context, data, (nuint)message.Length);
            gate.Leave();
            return key;
        }
    }

    public uint Origin(ReadOnlySpan<byte> message)
    {
        if (host.Origin is null || !gate.TryEnter())
            return 0;
        fixed (byte* data = &Begin(message))
        {
            uint origin = host.Origin(host.Context, data, (nuint)message.Length);
            gate.Leave();
            return origin;
        }
    }

    private bool Ask(delegate* unmanaged[Cdecl]<void*, byte*, nuint, byte> question, ReadOnlySpan<byte> message)
    {
        if (question is null || !gate.TryEnter())
            return false;
        fixed (byte* data = &Begin(message))
        {
            bool answer = question(host.Context, data, (nuint)message.Length) != 0;
            gate.Leave();
            return answer;
        }
    }

    private Verdict Judge(delegate* unmanaged[Cdecl]<void*, NativeMessage*, int> judge, in ReceivedMessage message)
    {
        if (!gate.TryEnter())
            return Verdict.Consume;
        MessageId id = message.Id;
        int verdict;
        fixed (byte* data = &Begin(message.Data), name = id.Bytes)
        {
            var native = new NativeMessage { Data = data, Size = (nuint)message.Data.Length, Id = name, Peer = message.PeerId };
            verdict = judge(host.Context, &native);
        }

        gate.Leave();
        // What is none of the three counts as the one that harms nobody.
        return verdict switch
        {
            (int)Verdict.Propagate => Verdict.Propagate,
            (int)Verdict.Reject => Verdict.Reject,
            _ => Verdict.Consume,
        };
    }

    /// <summary>Where a message begins: never null, not even when there is nothing of it, or C would read what it must not.</summary>
    private static ref readonly byte Begin(ReadOnlySpan<byte> message) =>
        ref message.IsEmpty ? ref Nothing : ref MemoryMarshal.GetReference(message);

    private static ref readonly byte Nothing => ref MemoryMarshal.GetReference("\0"u8);
}
