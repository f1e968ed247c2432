using System.Buffers.Binary;
using Logos.P2P.Wire;

namespace Logos.P2P.Simulation.Invariants;

/// <summary>Finds the addresses in what is sent on a connection, and passes over all else at the price of its headers.</summary>
internal sealed class SentAddresses
{
    private const int CommandOffset = 4;
    private const int LengthOffset = 16;

    private readonly byte[] _header = new byte[WireLimits.HeaderSize];
    private readonly List<byte> _payload = [];
    private int _headerBytes;
    private long _missing;
    private bool _isList;
    private bool _isV2;

    /// <summary>Takes what is sent next.</summary>
    /// <returns>The addresses of the lists that are complete by it.</returns>
    public IReadOnlyList<TimedAddress> Read(ReadOnlySpan<byte> bytes)
    {
        List<TimedAddress>? found = null;
        while (bytes.Length > 0)
        {
            if (_headerBytes < _header.Length)
            {
                ReadHeader(ref bytes);
                continue;
            }

            int taken = (int)Math.Min(_missing, bytes.Length);
            if (_isList)
                _payload.AddRange(bytes[..taken]);
            bytes = bytes[taken..];
            _missing -= taken;
            if (_missing == 0)
                EndFrame(ref found);
        }

        return found ?? (IReadOnlyList<TimedAddress>)[];
    }

    private void ReadHeader(ref ReadOnlySpan<byte> bytes)
    {
        int taken = Math.Min(_header.Length - _headerBytes, bytes.Length);
        bytes[..taken].CopyTo(_header.AsSpan(_headerBytes));
        bytes = bytes[taken..];
        _headerBytes += taken;
        if (_headerBytes < _header.Length)
            return;
        ReadOnlySpan<byte> command = _header.AsSpan(CommandOffset, LengthOffset - CommandOffset).TrimEnd((byte)0);
        (_isList, _isV2) = (command.SequenceEqual("addr"u8) || command.SequenceEqual("addrv2"u8), command.EndsWith("v2"u8));
        _missing = BinaryPrimitives.ReadUInt32LittleEndian(_header.AsSpan(LengthOffset));
        if (_missing == 0)
            _headerBytes = 0;
    }

    private void EndFrame(ref List<TimedAddress>? found)
    {
        _headerBytes = 0;
        if (_payload.Count == 0)
            return;
        found ??= [];
        AddressListCodec.TryRead(_payload.ToArray(), _isV2, found);
        _payload.Clear();
    }
}
