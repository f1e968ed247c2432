using System.Net.Http.Headers;
using System.Text;
using Logos.P2P.Node;
using Logos.P2P.Node.Control;
using Logos.P2P.Node.Logs;
using Logos.P2P.Wire;

namespace Logos.P2P.Tests.Node.Control;

/// <summary>A node of the test's own process with a control interface, and a client that knows the password.</summary>
internal sealed class ControlRig : IAsyncDisposable
{
    public const string User = "operator", Password = "open sesame";

    private readonly ControlInterface _control;

    private ControlRig(TestNode node, ControlInterface control, LogRecorder log)
    {
        Node = node;
        _control = control;
        string line = log.Lines.Single(line => line.StartsWith("Control interface at ", StringComparison.Ordinal));
        Address = new Uri(line["Control interface at ".Length..]);
        Client.DefaultRequestHeaders.Authorization = Basic(User, Password);
    }

    public TestNode Node { get; }

    public Uri Address { get; }

    public HttpClient Client { get; } = new();

    public static AuthenticationHeaderValue Basic(string user, string password) =>
        new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}")));

    public static async Task<ControlRig> StartAsync()
    {
        TestNode node = await TestNode.StartAsync(new P2POptions { Connect = ["0"] });
        var log = new LogRecorder();
        ControlInterface control =
            await ControlInterface.StartAsync(Settings, ContextOf(node), log.Factory).WaitAsync(TestNode.Patience);
        return new ControlRig(node, control, log);
    }

    public static RpcContext ContextOf(TestNode node) => new(
        node.Node,
        new P2POptions { Network = P2PNetwork.Regtest },
        new Messages(TimeProvider.System),
        LogSettings.Default,
        () => { },
        TimeProvider.System);

    public static ControlSettings Settings { get; } = new()
    {
        Endpoints = [new(System.Net.IPAddress.Loopback, 0)],
        IsNamed = true,
        HealthEndpoints = [],
        Allowed = [Subnet.Parse("198.51.100.0/24")],
        User = User,
        Password = Password,
    };

    /// <summary>Sends a body.</summary>
    public async Task<(int Status, string Body)> PostAsync(string body)
    {
        using var content = new StringContent(body);
        using HttpResponseMessage response = await Client.PostAsync(Address, content);
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _control.DisposeAsync();
        await Node.DisposeAsync();
    }
}
