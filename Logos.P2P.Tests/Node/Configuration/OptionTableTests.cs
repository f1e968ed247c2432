using System.Reflection;
using Logos.P2P.Node.Configuration;
using NUnit.Framework;

namespace Logos.P2P.Tests.Node.Configuration;

internal sealed class OptionTableTests
{
    [Test]
    public void Every_option_that_is_declared_is_in_the_table()
    {
        IEnumerable<object?> declared = typeof(OptionTable).GetFields(BindingFlags.Public | BindingFlags.Static)
            .Where(field => field.FieldType == typeof(NodeOption)).Select(field => field.GetValue(null));

        Assert.That(OptionTable.All, Is.EquivalentTo(declared));
    }

    [Test]
    public void Groups_are_together() =>
        Assert.That(OptionTable.All.Select(option => option.Group), Is.Ordered);
}
