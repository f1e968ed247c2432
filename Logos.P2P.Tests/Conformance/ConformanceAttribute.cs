using NUnit.Framework;
using NUnit.Framework.Interfaces;
using NUnit.Framework.Internal;

namespace Logos.P2P.Tests.Conformance;

/// <summary>
/// Says which items of <see cref="ConformanceList"/> a test shows. Each becomes a category of the test, so that
/// <c>./test --filter TestCategory=W4</c> runs the tests of W4; <c>TestCategory=Conformance</c> runs all.
/// </summary>
/// <remarks>Not for tests whose cases have names of their own (TestName): of those the results do not say whose they are.</remarks>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class ConformanceAttribute(params string[] ids) : NUnitAttribute, IApplyToTest
{
    public const string Category = "Conformance";

    public IReadOnlyList<string> Ids => ids;

    public void ApplyToTest(Test test)
    {
        foreach (string category in ids.Prepend(Category))
            test.Properties.Add(PropertyNames.Category, category);
    }
}
