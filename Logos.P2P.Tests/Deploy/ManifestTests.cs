using System.CommandLine;
using Logos.P2P.Node.Configuration;
using Logos.P2P.Node.Control;
using Logos.P2P.Wire;
using NUnit.Framework;
using YamlDotNet.RepresentationModel;

namespace Logos.P2P.Tests.Deploy;

/// <summary>The manifests in deploy/kubernetes are what Kubernetes and the program understand.</summary>
internal sealed class ManifestTests
{
    private static readonly KubernetesSchemas Schemas = new();

    private static readonly Lazy<string> Manifests =
        new(() => File.ReadAllText(Repository.Find("deploy", "kubernetes", "logosp2p.yaml")));

    [Test]
    public void Every_manifest_fits_what_Kubernetes_publishes()
    {
        YamlNode[] manifests = Read(Manifests.Value);

        Assert.That(manifests, Has.Length.EqualTo(3));
        Assert.That(manifests.SelectMany(Schemas.Check), Is.Empty);
    }

    [TestCase("readOnlyRootFilesystem", "readonlyRootFilesystem", "readonlyRootFilesystem: unknown")]
    [TestCase("periodSeconds: 5", "periodSeconds: \"5\"", "periodSeconds: not a number")]
    [TestCase("automountServiceAccountToken: false", "automountServiceAccountToken: no", "automountServiceAccountToken: not a boolean")]
    [TestCase("app.kubernetes.io/name: logosp2p", "app.kubernetes.io/name: 1", "name: not a string")]
    [TestCase("          image: logosp2p", "          images: logosp2p", "images: unknown")]
    [TestCase("containerPort: 8080", "hostPort: 8080", "containerPort: missing")]
    [TestCase("drop:\n                - ALL", "drop: ALL", "drop: not a list")]
    [TestCase("kind: Service", "kind: Servant", "of no kind")]
    public void A_slip_in_a_manifest_is_found(string right, string wrong, string finding)
    {
        Assert.That(Manifests.Value, Does.Contain(right));
        string slipped = Manifests.Value.Replace(right, wrong, StringComparison.Ordinal);

        Assert.That(Read(slipped).SelectMany(Schemas.Check), Has.Some.Contains(finding));
    }

    [Test]
    public void The_program_understands_what_the_manifest_tells_it_and_the_probes_ask_where_it_answers()
    {
        var pod = (YamlMappingNode)Read(Manifests.Value)[1]["spec"]["template"]["spec"];
        YamlNode container = pod["containers"][0];
        string[] arguments = [.. ((YamlSequenceNode)container["args"]).Select(argument => argument.ToString())];
        var options = new OptionSyntax(OptionTable.ForNode);
        var command = new System.CommandLine.Command("run");
        options.AddTo(command);

        ParseResult result = command.Parse(
            OptionSyntax.Normalize(arguments[1..]), new ParserConfiguration { EnablePosixBundling = false });

        Assert.That(result.Errors, Is.Empty);
        int healthPort = ControlOptions.Read(new OptionValues(options.Read(result)), P2PNetwork.Main).HealthEndpoints.Single().Port;
        Assert.That(PortOf("health"), Is.EqualTo(healthPort));
        Assert.That(PortOf("p2p"), Is.EqualTo(14495));
        Assert.That(
            new[] { "livenessProbe", "readinessProbe" }.Select(probe => container[probe]["httpGet"]["path"].ToString()),
            Is.EqualTo(new[] { "/health/live", "/health/ready" }));
        Assert.That(NodeOptions.Read(new OptionValues(options.Read(result)), P2PNetwork.Main).DataDirectory, Is.EqualTo(container["volumeMounts"][0]["mountPath"].ToString()));

        int PortOf(string name) => int.Parse(
            ((YamlSequenceNode)container["ports"]).Single(port => port["name"].ToString() == name)["containerPort"].ToString(),
            System.Globalization.CultureInfo.InvariantCulture);
    }

    private static YamlNode[] Read(string text)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(text));
        return [.. stream.Documents.Select(document => document.RootNode)];
    }
}
