using Logos.P2P.Diagnostics;
using Logos.P2P.Peers;
using Logos.P2P.Wire;
using Microsoft.Extensions.Logging;

namespace Logos.P2P.Relay;

/// <summary>
/// Calls the upper layer. What it fails with is counted and logged, and must not take the overlay down: who fails to answer has
/// said the least that he can say.
/// </summary>
internal sealed class UpperLayer(IMessageHandler handler, P2PMetrics metrics, ILogger logger)
{
    [ThreadStatic]
    private static UpperLayer? _isCalled;

    /// <summary>Whether it runs on the receive path.</summary>
    public bool IsQuick { get; } = handler.IsQuick;

    /// <summary>Whether this thread is in a call of this upper layer that judges a message.</summary>
    public bool IsCalled => _isCalled == this;

    /// <summary>Who originated a message; 0 for unknown.</summary>
    public uint OriginOf(Frame frame) => Ask(frame, static (handler, message) => handler.Origin(message));

    /// <summary>Whether two peers are to send a message.</summary>
    public bool IsUrgent(Frame frame) => Ask(frame, static (handler, message) => handler.IsUrgent(message));

    /// <summary>Whether a message is kept for those who come later.</summary>
    public bool IsImportant(Frame frame) => Ask(frame, static (handler, message) => handler.IsImportant(message));

    /// <summary>Which earlier important messages it replaces; 0 for none.</summary>
    public ulong ImportantKeyOf(Frame frame) => Ask(frame, static (handler, message) => handler.ImportantKey(message));

    /// <summary>When a message was made; null for unknown.</summary>
    public DateTimeOffset? MadeAt(Frame frame)
    {
        DateTimeOffset made = Ask(frame, static (handler, message) => handler.MadeAt(message));
        return made == default ? null : made;
    }

    /// <summary>Gives it a `logos` or `direct` frame.</summary>
    /// <returns>Null when there is no verdict: the message is gone, and its sender has no merit of it.</returns>
    public Verdict? Judge(Peer from, Frame frame)
    {
        var message = new ReceivedMessage(frame.Payload, frame.Id, from.Id, from.Endpoint);
        return frame.Command == Command.Logos
            ? Call(message, static (IMessageHandler handler, in ReceivedMessage message) => handler.Receive(message))
            : Call(message, static (IMessageHandler handler, in ReceivedMessage message) =>
            {
                handler.ReceiveDirect(message);
                return null;
            });
    }

    /// <summary>Gives it the first chunk of a message.</summary>
    /// <returns>Null when there is no verdict.</returns>
    public Verdict? JudgeBeginning(in ReceivedMessage beginning) =>
        Call(beginning, static (IMessageHandler handler, in ReceivedMessage message) => handler.ReceivePrefix(message));

    private Verdict? Call(in ReceivedMessage message, Judgement judgement)
    {
        UpperLayer? outer = _isCalled;
        try
        {
            _isCalled = this;
            return judgement(handler, message);
        }
#pragma warning disable CA1031 // The upper layer's faults must not take the overlay down.
        catch (Exception e)
#pragma warning restore CA1031
        {
            NoteFailure(e, message.Id);
            return null;
        }
        finally
        {
            _isCalled = outer;
        }
    }

    private T Ask<T>(Frame frame, Question<T> question)
        where T : struct
    {
        try
        {
            return question(handler, frame.Payload);
        }
#pragma warning disable CA1031 // The upper layer's faults must not take the overlay down.
        catch (Exception e)
#pragma warning restore CA1031
        {
            NoteFailure(e, frame.Id);
            return default;
        }
    }

    private void NoteFailure(Exception e, in MessageId id)
    {
        metrics.CountHandlerFailure();
        Log.HandlerFailed(logger, e, id);
    }

    private delegate Verdict? Judgement(IMessageHandler handler, in ReceivedMessage message);

    private delegate T Question<out T>(IMessageHandler handler, ReadOnlySpan<byte> message);
}
