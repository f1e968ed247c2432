using System.Text;
using Logos.P2P.Node.Views;
using Microsoft.AspNetCore.Http;
using NUnit.Framework;

namespace Logos.P2P.Tests.Node.Views;

internal sealed class EventStreamTests
{
    [Test]
    public async Task A_page_that_comes_after_a_fault_gets_news_though_another_is_still_being_ended()
    {
        var source = new Source();
        var log = new LogRecorder();
        await using var stream = new EventStream(source, log);
        var slow = new Page();
        slow.Gate.Reset();
        Task first = slow.OpenAsync(stream);
        await Eventually.IsAsync(() => slow.IsWriting);

        source.Fault.SetResult();
        await Eventually.IsAsync(() => log.Lines.Count == 1);
        var second = new Page();
        Task other = second.OpenAsync(stream);

        await Eventually.IsAsync(() => second.Text.Contains("data: 2", StringComparison.Ordinal));
        slow.Gate.Set();
        await first.WaitAsync(TestNode.Patience);
        Assert.That(other.IsCompleted, Is.False, "That one page has ended is nothing to the other.");
        await stream.DisposeAsync();
        await other.WaitAsync(TestNode.Patience);
    }

    /// <summary>Tells how often it has begun; the first time it fails when the test says so.</summary>
    private sealed class Source : IEventSource
    {
        private int _runs;

        public TaskCompletionSource Fault { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public async Task RunAsync(TellNews tell, CancellationToken cancellationToken)
        {
            tell("news", ++_runs);
            if (_runs > 1)
                await Task.Delay(Timeout.Infinite, cancellationToken);
            await Fault.Task;
            throw new InvalidOperationException("A fault of the source");
        }
    }

    /// <summary>A page whose browser reads when the test lets it.</summary>
    private sealed class Page : MemoryStream
    {
        private readonly Lock _gate = new();
        private volatile bool _isWriting;

        public ManualResetEventSlim Gate { get; } = new(true);

        public bool IsWriting => _isWriting;

        public string Text
        {
            get
            {
                lock (_gate)
                    return Encoding.UTF8.GetString(ToArray());
            }
        }

        public Task OpenAsync(EventStream stream)
        {
            var context = new DefaultHttpContext();
            context.Response.Body = this;
            return Task.Run(() => stream.ServeAsync(context));
        }

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            _isWriting = true;
            Gate.Wait(cancellationToken);
            lock (_gate)
                Write(buffer.Span);
            return ValueTask.CompletedTask;
        }
    }
}
