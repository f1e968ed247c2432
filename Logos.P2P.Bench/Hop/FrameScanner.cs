using System.Buffers.Binary;
using System.Text;
using Logos.P2P.Wire;

namespace Logos.P2P.Bench.Hop;

/// <summary>Finds the frames of a stream and keeps no message: what the end of a line needs, and no more.</summary>
/// <param name="onLogos">Is told the number of each `logos` message when its last byte is here.</param>
/// <param name="onOther">Is told of all other frames.</param>
internal sealed class FrameScanner(Action<long> onLogos, FrameScanner.OtherFrame onOther)
{
    private const int CommandOffset = 4;
    private const int CommandSize = 12;
    private const int LengthOffset = CommandOffset + CommandSize;

    private readonly byte[] _header = new byte[WireLimits.HeaderSize];
    private byte[] _payload = new byte[HopFrames.NumberSize];
    private int _headerFilled;
    private int _kept;
    private int _toKeep;
    private int _left;

    /// <summary>A frame that is no message.</summary>
    public delegate void OtherFrame(string command, ReadOnlySpan<byte> payload);

    private ReadOnlySpan<byte> CommandName => _header.AsSpan(CommandOffset, CommandSize).TrimEnd((byte)0);

    public void Take(ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            int taken = _headerFilled < _header.Length ? TakeHeader(bytes) : TakePayload(bytes);
            bytes = bytes[taken..];
            if (_headerFilled == _header.Length && _left == 0)
                Finish();
        }
    }

    private int TakeHeader(ReadOnlySpan<byte> bytes)
    {
        int taken = Math.Min(_header.Length - _headerFilled, bytes.Length);
        bytes[..taken].CopyTo(_header.AsSpan(_headerFilled));
        _headerFilled += taken;
        if (_headerFilled == _header.Length)
        {
            _left = BinaryPrimitives.ReadInt32LittleEndian(_header.AsSpan(LengthOffset));
            _toKeep = CommandName.SequenceEqual("logos"u8) ? HopFrames.NumberSize : _left;
            if (_payload.Length < _toKeep)
                _payload = new byte[_toKeep];
        }

        return taken;
    }

    private int TakePayload(ReadOnlySpan<byte> bytes)
    {
        int taken = Math.Min(_left, bytes.Length);
        int kept = Math.Min(taken, _toKeep - _kept);
        bytes[..kept].CopyTo(_payload.AsSpan(_kept));
        _kept += kept;
        _left -= taken;
        return taken;
    }

    private void Finish()
    {
        ReadOnlySpan<byte> payload = _payload.AsSpan(0, _kept);
        (_headerFilled, _kept) = (0, 0);
        if (CommandName.SequenceEqual("logos"u8))
            onLogos(BinaryPrimitives.ReadInt64LittleEndian(payload));
        else
            onOther(Encoding.ASCII.GetString(CommandName), payload);
    }
}
