using Logos.P2P.Transport;
using NUnit.Framework;

namespace Logos.P2P.Tests.Transport;

internal sealed class DescriptorLimitTests
{
    private const string Head = "Limit                     Soft Limit           Hard Limit           Units     ";

    [TestCase("Max open files            1024                 524288               files     ", 1024)]
    [TestCase("Max open files            unlimited            unlimited            files     ", null)]
    [TestCase("Max processes             63432                63432                processes ", null)]
    public void It_is_the_soft_limit_of_files(string line, int? limit) =>
        Assert.That(DescriptorLimit.Parse([Head, line]), Is.EqualTo(limit));

    [Test]
    [Platform("Linux")]
    public void This_process_has_one_or_none() => Assert.That(DescriptorLimit.Read(), Is.Null.Or.GreaterThan(0));

    [TestCase(null, 185)]
    [TestCase(1024, 185)]
    [TestCase(300, 85)]
    [TestCase(211, 0)]
    [TestCase(20, 0)]
    public void Inbound_connections_are_as_many_as_there_are_descriptors_to_spare(int? descriptors, int inbound) =>
        Assert.That(NodeSettings.From(new P2POptions()).FitTo(descriptors).MaxInbound, Is.EqualTo(inbound));
}
