// Two nodes on this machine; one says hello, the other, a service of a generic host, hears it.
using System.Text;
using Logos.P2P;
using Logos.P2P.Wire;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

// Before the first socket is made: completions then run on the thread that the kernel woke, which is half of the delay of a relay.
Environment.SetEnvironmentVariable("DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS", "1");

var options = new P2POptions { Network = P2PNetwork.Regtest, Bind = ["127.0.0.1"], Port = 0, Connect = ["0"] };
HostApplicationBuilder builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
builder.Services.AddLogosP2P<Alice>(options);
using IHost host = builder.Build();
await host.StartAsync();
var alice = host.Services.GetRequiredService<P2PNode>();

await using var bob = new P2PNode(options with { Connect = [alice.ListeningEndpoints[0].ToString()] }, new Deaf());
await bob.StartAsync();
while (!bob.Propagate("hello"u8))                 // False: no peer is connected yet.
    await Task.Delay(1);
await Alice.HasHeard.Task;
await host.StopAsync();

sealed class Alice : IMessageHandler
{
    public static TaskCompletionSource HasHeard { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Verdict Receive(in ReceivedMessage message)
    {
        Console.WriteLine($"Alice heard: {Encoding.UTF8.GetString(message.Data)}");
        HasHeard.SetResult();
        return Verdict.Propagate;
    }
}

sealed class Deaf : IMessageHandler
{
    public Verdict Receive(in ReceivedMessage message) => Verdict.Propagate;
}
