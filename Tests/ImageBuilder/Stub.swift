enum ImageBuilderStub {}
