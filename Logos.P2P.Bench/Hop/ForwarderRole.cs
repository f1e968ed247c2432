using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Blake2Fast;
using Logos.P2P.Wire;

namespace Logos.P2P.Bench.Hop;

/// <summary>
/// The least that can stand between two sockets and know messages: one thread, blocking sockets, one write for each message and
/// target. What a node is measured by.
/// </summary>
internal static class ForwarderRole
{
    private const int BufferSize = 8 * 1024 * 1024;
    private const int ReadSize = 256 * 1024;
    private const int ChecksumOffset = 20;
    private const int ChecksumSize = 4;

    /// <param name="from">The port of the relay before; null when the source dials.</param>
    /// <param name="checks">Whether it checks that each payload is what its header says.</param>
    public static void Run(int? from, bool checks)
    {
        using Socket inPort = Ports.Listen(out int inbound), outPort = Ports.Listen(out int outbound);
        ImmutableArray<Socket> targets = [];
        new Thread(() =>
        {
            while (true)
            {
                Socket target = outPort.Accept();
                target.NoDelay = true;
                ImmutableInterlocked.Update(ref targets, all => all.Add(target));
            }
        })
        { IsBackground = true }.Start();
        Console.WriteLine($"{inbound} {outbound}");
        using Socket source = from is { } port ? Dial(port) : inPort.Accept();
        byte[] buffer = new byte[BufferSize];
        int filled = 0;
        while (source.Receive(buffer, filled, Math.Min(ReadSize, buffer.Length - filled), SocketFlags.None) is > 0 and var read)
        {
            filled += read;
            int start = 0;
            while (TryFind(buffer.AsSpan(start, filled - start), out int length))
            {
                ReadOnlySpan<byte> frame = buffer.AsSpan(start, length);
                if (!checks || IsWhole(frame))
                    Send(targets, frame);
                start += length;
            }

            buffer.AsSpan(start, filled - start).CopyTo(buffer);
            filled -= start;
        }
    }

    private static Socket Dial(int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.Connect(IPAddress.Loopback, port);
        return socket;
    }

    private static bool TryFind(ReadOnlySpan<byte> bytes, out int length)
    {
        length = 0;
        if (bytes.Length < WireLimits.HeaderSize)
            return false;
        length = HopFrames.LengthOf(bytes);
        return bytes.Length >= length;
    }

    private static bool IsWhole(ReadOnlySpan<byte> frame)
    {
        Span<byte> hash = stackalloc byte[MessageId.Size];
        Blake2b.ComputeAndWriteHash(MessageId.Size, frame[WireLimits.HeaderSize..], hash);
        return hash[..ChecksumSize].SequenceEqual(frame.Slice(ChecksumOffset, ChecksumSize));
    }

    private static void Send(ImmutableArray<Socket> targets, ReadOnlySpan<byte> frame)
    {
        foreach (Socket target in targets)
        {
            for (ReadOnlySpan<byte> rest = frame; rest.Length > 0;)
                rest = rest[target.Send(rest)..];
        }
    }
}
